from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "fenghuo.api"
    label = "api"
