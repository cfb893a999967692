"""The duty desk, where everyone arrives."""

from django.urls import path

from fenghuo.web.desk import views

urlpatterns = [path("", views.desk, name="desk")]
