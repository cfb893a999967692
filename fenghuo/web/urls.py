"""Every page, room by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("fenghuo.web.shell.urls")),
    path("", include("fenghuo.web.accounts.urls")),
    path("", include("fenghuo.web.organisations.urls")),
    path("", include("fenghuo.web.desk.urls")),
    path("", include("fenghuo.web.urgent.urls")),  # before alerts/<id>/
    path("", include("fenghuo.web.alerts.urls")),
    path("", include("fenghuo.web.relay.urls")),
    path("", include("fenghuo.web.replies.urls")),
    path("", include("fenghuo.web.gateways.urls")),
    path("", include("fenghuo.web.unmatched.urls")),
    path("", include("fenghuo.web.alerttemplates.urls")),
    path("", include("fenghuo.web.papers.urls")),
    path("", include("fenghuo.web.files.urls")),
    path("", include("fenghuo.web.areafinder.urls")),
    path("", include("fenghuo.web.operationlog.urls")),
    path("", include("fenghuo.web.journal.urls")),
    path("", include("fenghuo.web.contacts.urls")),
    path("", include("fenghuo.web.boundaries.urls")),
    path("", include("fenghuo.web.public.urls")),
]
