"""Finding areas."""

from django.urls import path

from fenghuo.web.areafinder import views

urlpatterns = [path("areas/", views.find, name="areas")]
