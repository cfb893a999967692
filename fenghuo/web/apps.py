from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "fenghuo.web"
    label = "web"
