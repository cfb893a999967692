"""Hosted organisations: proposed by one administrator of the tier above, approved by another."""

from django.urls import path

from fenghuo.web.organisations import views

urlpatterns = [
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/new/", views.new, name="organisation-new"),
    path("organisations/proposals/<str:key>/", views.decide, name="organisation-proposal"),
    path("organisations/<str:key>/", views.show, name="organisation"),
    path("organisations/<str:key>/act/", views.act, name="organisation-act"),
]
