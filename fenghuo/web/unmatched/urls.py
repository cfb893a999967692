"""What gateways said that belongs to nothing, and that somebody has seen it."""

from django.urls import path

from fenghuo.web.unmatched import views

urlpatterns = [
    path("unmatched/", views.listing, name="unmatched"),
    path("unmatched/seen/", views.seen, name="unmatched-seen"),
]
