from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "fenghuo.delivery"
    label = "delivery"
