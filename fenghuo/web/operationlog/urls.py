"""The operation log, on the screen and on paper."""

from django.urls import path

from fenghuo.web.operationlog import views

urlpatterns = [
    path("operation-log/", views.page, name="operation-log"),
    path("operation-log.pdf", views.pdf, name="operation-log-pdf"),
]
