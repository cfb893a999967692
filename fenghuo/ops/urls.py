"""Where every address begins: pages for people, doors for machines."""

from django.urls import include, path

handler500 = "fenghuo.web.broken.answer"

urlpatterns = [
    path("", include("fenghuo.web.urls")),
    path("", include("fenghuo.api.urls")),
]
