"""Urgent release: prepare, release, confirm, review."""

from django.urls import path

from fenghuo.web.urgent import views

urlpatterns = [
    path("alerts/urgent/", views.prepare, name="urgent"),
    path("alerts/<str:id>/urgent/", views.urgent, name="alert-urgent"),
    path("alerts/<str:id>/urgent/challenge/", views.challenge, name="alert-urgent-challenge"),
]
