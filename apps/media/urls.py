"""API routes of media, below /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
