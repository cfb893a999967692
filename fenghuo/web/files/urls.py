"""Attachments of an alert."""

from django.urls import path

from fenghuo.web.files import views

urlpatterns = [
    path("alerts/<str:id>/attachments/", views.attachments, name="attachments"),
    path("alerts/<str:id>/attachments/<str:attachment>/", views.download, name="attachment"),
]
