"""Where every address begins: pages for people, doors for machines."""

from django.urls import include, path

urlpatterns = [
    path("", include("fenghuo.web.urls")),
    path("", include("fenghuo.api.urls")),
]
