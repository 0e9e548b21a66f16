"""A doctor's calendar feed: its address, and what calendar programs read under it."""

import hashlib
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.bookings import calendar_files, selectors, services
from apps.bookings.models import CalendarFeed
from apps.bookings.serializers import feeds as shapes
from apps.common import requests
from apps.common.api import answer
from apps.common.exceptions import NotFound, TooMany
from apps.common.redis import RedisUnavailable
from apps.common.throttling import Limit

from . import base

#: Calendar programs read four times an hour at most, on a handful of devices.
READ_LIMIT = Limit("calendar.feed", attempts=60, seconds=3600)
#: Addresses that are none, from one network.
GUESS_LIMIT = Limit("calendar.feed.unknown", attempts=30, seconds=60)
_NEW = {
    "is_active": True,
    "created_at": "2026-11-21T09:30:00Z",
    "last_read_at": None,
    "url": "https://medivoy.example.com/calendar/4Jw1vZ2q8rXbT0mKcYh6LsPnEaGuDf3iRo9WxQz5BtU.ics",
}


@extend_schema(tags=["doctors"])
class CalendarFeedViewSet(base.Signed):
    """The doctor's own feed."""

    permission_classes: ClassVar = [role_permission(Role.DOCTOR)]
    serializer_class = shapes.FeedShown
    queryset = CalendarFeed.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        summary="Whether my calendar program can read my appointments",
        operation_id="doctors_calendar_feed_retrieve",
        responses=shapes.FeedShown,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """For the doctor alone. The address itself is not shown again."""
        doctor_id = selectors.doctor_kept_by(self.caller, pk)
        row = CalendarFeed.objects.visible_to(self.caller).filter(doctor=doctor_id, revoked_at=None).first()
        return answer(shapes.feed(row))

    @extend_schema(
        summary="A new private address for my calendar program",
        description="Under it calendar programs read the appointments of a month back to a year ahead, and leave, "
        "without a patient's name. Whoever knows the address reads them, so an earlier one ends with this; it is shown "
        "once, and ends by `DELETE`, or with the doctor's account.",
        operation_id="doctors_calendar_feed_create",
        request=None,
        responses={201: shapes.NewFeedShown},
        examples=[OpenApiExample("The address", value=_NEW, response_only=True)],
    )
    def create(self, request: Request, pk: UUID) -> Response:
        row, token = services.renew_calendar_feed(pk, by=self.caller)
        url = f"{settings.PUBLIC_URL}{reverse('calendar-feed', args=[token])}"
        message = gettext_lazy("The calendar has a new address. It is shown only now.")
        return answer(shapes.feed(row) | {"url": url}, message=message, status=201)

    @extend_schema(
        summary="End the private address of my calendar",
        operation_id="doctors_calendar_feed_destroy",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.revoke_calendar_feed(pk, by=self.caller)
        return answer(status=204)


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """A doctor's appointments, for whoever knows the address. The address is a secret: no log holds it (the routes
    that are logged have no values), and no search engine or other page is to learn it."""
    try:
        response = _limited(request, token)
    except NotFound as refusal:
        response = _plain(refusal.text, 404)
    except TooMany as refusal:
        response = _plain(refusal.text, 429)
        response["Retry-After"] = str(refusal.retry_after)
    response["X-Robots-Tag"] = "none"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _limited(request: HttpRequest, token: str) -> HttpResponse:
    _take(READ_LIMIT, token)
    try:
        feed = services.read_calendar_feed(token, now=timezone.now())
    except NotFound:
        _take(GUESS_LIMIT, requests.client_network(request))
        raise
    with translation.override(feed.language):
        return _shown(request, feed)


def _shown(request: HttpRequest, feed: selectors.Feed) -> HttpResponse:
    """The file, or that it has not changed since the reader's copy."""
    appointments, leaves = selectors.feed_entries(feed.doctor_id, now=timezone.now())
    made = calendar_files.feed(_("Medivoy appointments"), appointments, leaves).encode()
    etag = quote_etag(hashlib.sha256(made).hexdigest()[:32])
    known = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    is_known = etag in known or "*" in known
    response = HttpResponse(b"" if is_known else made, status=304 if is_known else 200)
    response["Content-Type"] = calendar_files.CONTENT_TYPE
    response["Content-Language"] = feed.language
    response["Content-Disposition"] = 'inline; filename="medivoy.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag
    return response


def _take(limit: Limit, key: str) -> None:
    try:
        limit.take(key)
    except RedisUnavailable:
        return  # nothing is guarded but our own work: 256 bits are not guessed


def _plain(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
