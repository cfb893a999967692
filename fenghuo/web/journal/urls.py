"""The journal, for those who may read it."""

from django.urls import path

from fenghuo.web.journal import views

urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("journal/verify/", views.verify, name="journal-verify"),
]
