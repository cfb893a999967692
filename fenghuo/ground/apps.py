from django.apps import AppConfig


class GroundConfig(AppConfig):
    name = "fenghuo.ground"
    label = "ground"
