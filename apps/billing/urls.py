"""API routes of billing, below /api/v1/."""

from typing import Any

from django.urls import path

from . import views

urlpatterns: list[Any] = []

_refunds = views.PaymentRefundsViewSet.as_view

urlpatterns += [
    path("payments/<uuid:pk>/refund", _refunds({"post": "create"})),
    path("payments/<uuid:pk>/refunds", _refunds({"get": "list"})),
    path("bills/<uuid:pk>/cancellation", views.BillCancellationViewSet.as_view({"get": "retrieve"})),
]
