"""API routes of common, below /api/v1/."""

from django.urls import path

from . import views

urlpatterns = [
    path("health", views.LivenessView.as_view(), name="health"),
    path("health/db", views.DatabaseHealthView.as_view(), name="health-db"),
    path("health/redis", views.RedisHealthView.as_view(), name="health-redis"),
    path("health/ready", views.ReadinessView.as_view(), name="health-ready"),
    path("health/services", views.ServicesHealthView.as_view(), name="health-services"),
]
