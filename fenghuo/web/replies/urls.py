"""What phones wrote back."""

from django.urls import path

from fenghuo.web.replies import views

urlpatterns = [path("replies/", views.replies, name="replies")]
