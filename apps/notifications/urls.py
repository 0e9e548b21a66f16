"""API routes of notifications, below /api/v1/."""

from django.urls import path

from . import views

urlpatterns = [
    path("notifications", views.NotificationViewSet.as_view({"get": "list", "post": "create"})),
    path("notifications/read-all", views.NotificationViewSet.as_view({"patch": "read_all"})),
    path("notifications/preferences", views.PreferencesView.as_view()),
    path("notifications/<uuid:pk>", views.NotificationViewSet.as_view({"delete": "destroy"})),
    path("notifications/<uuid:pk>/read", views.NotificationViewSet.as_view({"patch": "read"})),
]
