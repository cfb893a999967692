"""Papers: the forms of one alert, the operation log, the publication workflow."""

from django.urls import path

from fenghuo.web.papers import views

urlpatterns = [
    path("alerts/<str:id>/papers/", views.card, name="alert-papers"),
    path("alerts/<str:id>/approval-form.pdf", views.approval, name="approval-form"),
    path("alerts/<str:id>/filing-form.pdf", views.filing, name="filing-form"),
    path("alerts/<str:id>/operation-log.pdf", views.log, name="alert-operation-log"),
    path("alerts/<str:id>/recipient-list.pdf", views.recipient_list, name="recipient-list"),
    path("alerts/<str:id>/wake-up-list.pdf", views.wake_up_list, name="wake-up-list"),
    path("workflow/", views.workflow, name="workflow"),
    path("workflow.pdf", views.workflow_pdf, name="workflow-pdf"),
]
