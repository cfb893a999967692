"""Contacts and groups."""

from django.urls import path

from fenghuo.web.contacts import exports, groups, imports, views

urlpatterns = [
    path("contacts/", views.listing, name="contacts"),
    path("contacts/new/", views.new, name="contact-new"),
    path("contacts/<int:id>/", views.edit, name="contact-edit"),
    path("contacts/imports/", imports.listing, name="contact-imports"),
    path("contacts/imports/<str:id>/", imports.one, name="contact-import"),
    path("contacts/imports/<str:id>/refused.<str:shape>", imports.refused_rows, name="contact-import-refused"),
    path("contacts/exports/", exports.listing, name="contact-exports"),
    path("contacts/exports/<str:id>/", exports.one, name="contact-export"),
    path("contacts/exports/<str:id>/challenge/", exports.challenge, name="contact-export-challenge"),
    path("contacts/<int:id>/number/", views.number, name="contact-number"),
    path("groups/", groups.listing, name="groups"),
    path("groups/<str:id>/", groups.group, name="group"),
]
