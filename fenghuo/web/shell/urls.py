"""What belongs to no room: the language of the interface."""

from django.urls import path

from fenghuo.web.shell import views

urlpatterns = [path("language/", views.choose_language, name="language")]
