from django.apps import AppConfig


class ReadinessConfig(AppConfig):
    name = "fenghuo.readiness"
    label = "readiness"
