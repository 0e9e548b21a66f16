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

_invoices = views.InvoiceViewSet.as_view

urlpatterns += [
    path("invoices", _invoices({"get": "list", "post": "create"}), name="invoices"),
    path("invoices/<uuid:pk>", _invoices({"get": "retrieve"}), name="invoice"),
    path("invoices/<uuid:pk>/pdf", views.InvoicePdfView.as_view({"get": "retrieve"}), name="invoice-pdf"),
    path("invoices/<uuid:pk>/send", _invoices({"post": "send"}), name="invoice-send"),
]

_payments = views.PaymentViewSet.as_view

urlpatterns += [
    path("payments", _payments({"get": "list", "post": "create"})),
    path("payments/gateways", _payments({"get": "offered"})),
    path("payments/<uuid:pk>", _payments({"get": "retrieve"})),
    path("payments/<uuid:pk>/status", _payments({"get": "status"})),
    path("payments/webhook", views.WebhookView.as_view()),
    path("webhooks/stripe", views.WebhookView.as_view(sender="stripe")),
    path("webhooks/razorpay", views.WebhookView.as_view(sender="razorpay")),
    path("webhooks/sandbox", views.WebhookView.as_view(sender="sandbox")),
    path("webhooks/twilio", views.TwilioView.as_view()),
]

#: Pages for everyone, outside the API.
public: list[Any] = []

public += [
    path("pay/return/<uuid:pk>", views.payment_returned, name="pay-return"),
    path("pay/return/<uuid:pk>/status", views.returned_status, name="pay-return-status"),
]

_plans = views.SubscriptionPlanViewSet.as_view
_subscriptions = views.SubscriptionViewSet.as_view

urlpatterns += [
    path("subscription-plans", _plans({"get": "list"}), name="subscription-plans"),
    path("subscriptions", _subscriptions({"get": "list", "post": "create"}), name="subscriptions"),
    path(
        "subscriptions/<uuid:pk>",
        _subscriptions({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="subscription",
    ),
    path("subscriptions/<uuid:pk>/pay", _subscriptions({"post": "pay"}), name="subscription-pay"),
]

public += [path("pay/subscription/<str:token>", views.pay_subscription, name="pay-subscription")]

_bills = views.BillViewSet.as_view
_coupons = views.CouponViewSet.as_view

urlpatterns += [
    path("bills", _bills({"get": "list"})),
    path("bills/<uuid:pk>", _bills({"get": "retrieve"})),
    path("coupons", _coupons({"get": "list", "post": "create"})),
    path(
        "coupons/<str:coupon>",
        _coupons({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
]
