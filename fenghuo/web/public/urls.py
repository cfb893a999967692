"""What everybody may read: current and past alerts, a page and a CAP document for each, the Atom feed."""

from django.urls import path

from fenghuo.web.public import feeds, views

urlpatterns = [
    path("current/", views.current, name="public-current"),
    path("past/", views.past, name="public-past"),
    path("v/<str:code>", views.alert, name="public-alert"),
    path("feeds/alerts.atom", feeds.atom, name="public-atom"),
    path("feeds/cap/<str:identifier>.xml", feeds.cap, name="public-cap"),
    path("feeds/cap/<str:identifier>.xml.sig", feeds.cap_signature, name="public-cap-signature"),
    path("feeds/national/<str:identifier>.xml", feeds.national, name="public-national"),
    path("feeds/national/<str:identifier>.xml.sig", feeds.national_signature, name="public-national-signature"),
]
