"""Templates: the list, one version with its history, writing and deciding."""

from django.urls import path

from fenghuo.web.alerttemplates import views

urlpatterns = [
    path("templates/", views.listing, name="templates"),
    path("templates/new/", views.new, name="template-new"),
    path("templates/<str:id>/", views.show, name="template"),
    path("templates/<str:id>/edit/", views.edit, name="template-edit"),
]
