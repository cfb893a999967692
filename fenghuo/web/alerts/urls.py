"""Alerts: list, compose, the steps to sign-off, what became of them, and what is in doubt."""

from django.urls import path

from fenghuo.web.alerts.views import compose, decide, doubts, follow, listing, sending, sign, succession

urlpatterns = [
    path("alerts/", listing.listing, name="alerts"),
    path("alerts/new/", compose.new, name="alert-new"),
    path("alerts/check/", compose.check, name="alert-check"),
    path("alerts/audience/", compose.audience, name="alert-audience"),
    path("alerts/<str:id>/", listing.arrive, name="alert"),
    path("alerts/<str:id>/edit/", compose.edit, name="alert-edit"),
    path("alerts/<str:id>/autosave/", compose.autosave, name="alert-autosave"),
    path("alerts/<str:id>/copy/", compose.copy, name="alert-copy"),
    path("alerts/<str:id>/review/", decide.review, name="alert-review"),
    path("alerts/<str:id>/sign/", sign.sign, name="alert-sign"),
    path("alerts/<str:id>/sign/challenge/", sign.challenge, name="alert-sign-challenge"),
    path("alerts/<str:id>/progress/", follow.progress, name="alert-progress"),
    path("alerts/<str:id>/recipients/", follow.recipients, name="alert-recipients"),
    path("alerts/<str:id>/correct/", succession.correct, name="alert-correct"),
    path("alerts/<str:id>/follow-up/<str:relation>/", succession.begin, name="alert-follow-up"),
    path("alerts/<str:id>/lift/", succession.lift, name="alert-lift"),
    path("alerts/<str:id>/recall/", follow.recall, name="alert-recall"),
    path("in-doubt/", doubts.doubts, name="in-doubt"),
    path("sending/pause/", sending.pause, name="sending-pause"),
    path("sending/resume/", sending.resume, name="sending-resume"),
    path("sending/resume/challenge/", sending.challenge, name="sending-resume-challenge"),
]
