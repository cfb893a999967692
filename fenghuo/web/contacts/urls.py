"""Contacts and groups."""

from django.urls import path

from fenghuo.web.contacts import groups, views

urlpatterns = [
    path("contacts/", views.listing, name="contacts"),
    path("contacts/new/", views.new, name="contact-new"),
    path("contacts/<int:id>/", views.edit, name="contact-edit"),
    path("groups/", groups.listing, name="groups"),
    path("groups/<str:id>/", groups.group, name="group"),
]
