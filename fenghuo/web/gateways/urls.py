"""The gateway accounts, one of them, and taking note of what rings."""

from django.urls import path

from fenghuo.web.gateways import views

urlpatterns = [
    path("gateways/", views.listing, name="gateways"),
    path("gateways/<str:name>/", views.show, name="gateway"),
    path("alarms/note/", views.note, name="alarm-note"),
]
