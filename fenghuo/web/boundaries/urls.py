"""Boundaries of areas, and the map's own data."""

from django.urls import path

from fenghuo.web.boundaries import views

urlpatterns = [
    path("boundaries/", views.boundaries, name="boundaries"),
    path("boundaries/outlines.json", views.outlines, name="boundaries-outlines"),
]
