"""The page behind a link in a message: what is to be paid for a subscription, and the way to the gateway's page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from apps.billing import exceptions
from apps.billing.selectors import pay_links
from apps.billing.services import subscriptions as services
from apps.common import wall_time
from apps.common.exceptions import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def pay_subscription(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the link sees number, plan and amount, and may pay. Only a press of the button opens a page at the
    gateway, to which a link then leads: the browser may not be sent on from a form."""
    subscription = pay_links.subscription_of(token)
    language = _language(request, subscription.payer.language if subscription else "en")
    with translation.override(language):
        shown: dict[str, Any] = {"subscription": subscription, "language": language, "languages": settings.LANGUAGES}
        if subscription is None:
            return _for_nobody_else(render(request, "billing/pay_subscription.html", shown, status=404), language)
        bill = services.owed_bill(subscription)
        status = 200
        if bill is not None and request.method == "POST":
            try:
                payment = services.open_page(subscription, bill, now=timezone.now())
                shown["checkout_url"] = payment.checkout_url
                shown["refusal"] = None if payment.checkout_url else exceptions.NoGateway()
            except DomainError as refusal:
                shown["refusal"], status = refusal, refusal.status
        shown |= {
            "subscriber": subscription.hospital or subscription.doctor,
            "amount": bill.balance.format(language) if bill else "",
            "until": wall_time.day(subscription.grace_until, language) if subscription.grace_until else "",
        }
        return _for_nobody_else(render(request, "billing/pay_subscription.html", shown, status=status), language)


def _language(request: HttpRequest, otherwise: str) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else otherwise


def _for_nobody_else(response: HttpResponse, language: str) -> HttpResponse:
    response["Content-Language"] = language
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    add_never_cache_headers(response)
    return response
