"""Every page, room by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("fenghuo.web.shell.urls")),
    path("", include("fenghuo.web.accounts.urls")),
    path("", include("fenghuo.web.desk.urls")),
]
