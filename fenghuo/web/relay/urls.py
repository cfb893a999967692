"""What comes from above: the list, taking in, one arrival."""

from django.urls import path

from fenghuo.web.relay import views

urlpatterns = [
    path("arrivals/", views.listing, name="arrivals"),
    path("arrivals/new/", views.new, name="arrival-new"),
    path("arrivals/<str:id>/", views.show, name="arrival"),
    path("arrivals/<str:id>/raw/", views.raw, name="arrival-raw"),
]
