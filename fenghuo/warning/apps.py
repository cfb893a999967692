from django.apps import AppConfig


class WarningConfig(AppConfig):
    name = "fenghuo.warning"
    label = "warning"
