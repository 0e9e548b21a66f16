"""Views and routes that exist in tests only: what the API's shape does with every way to succeed and to fail."""

from typing import Any

import django_filters
from django.core.exceptions import SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, IntegrityError, OperationalError
from django.http import UnreadablePostError
from django.urls import path
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Session, User
from apps.common import audit, exceptions, throttling
from apps.common.api import answer, filters
from apps.common.idempotency import idempotent
from medivoy import urls

EFFECT = "test.effect"


class PersonSummary(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "first_name"]


class PersonFilter(django_filters.FilterSet):
    role = filters.ChoicesFilter(choices=User.role.field.choices)
    id = django_filters.UUIDFilter()
    joined_on = django_filters.DateFilter(field_name="created_at", lookup_expr="date")
    search = django_filters.CharFilter(field_name="first_name", lookup_expr="icontains")

    class Meta:
        model = User
        fields = ["role", "id", "joined_on", "search"]


class People(ListAPIView):
    """A list for anyone, so that paging, filters and sorting can be looked at alone."""

    permission_classes = [AllowAny]
    serializer_class = PersonSummary
    filterset_class = PersonFilter
    queryset = User.objects.all()
    sort_fields = {"first_name": "first_name", "joined": "created_at", "verified": "email_verified_at"}
    default_sort = ("-created_at",)


class Person(RetrieveAPIView):
    permission_classes = [AllowAny]
    serializer_class = PersonSummary
    queryset = User.objects.all()


class Echo(APIView):
    """Gives back the JSON it got."""

    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        return answer(request.data, status=201)


class OnlyFive(throttling.LimitThrottle):
    limit = throttling.Limit("only-five", attempts=5, seconds=60)


class Limited(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_classes = [OnlyFive]

    def get(self, request: Request) -> Response:
        return answer({})


class Private(APIView):
    def get(self, request: Request) -> Response:
        return answer({"id": request.user.pk})


class Effect(APIView):
    """A POST that has an effect: an entry in the audit trail."""

    permission_classes = [AllowAny]

    @idempotent
    def post(self, request: Request) -> Response:
        audit.record(EFFECT, actor=request.user if request.user.is_authenticated else None, **request.data)
        if request.data.get("refuse"):
            raise exceptions.Conflict()
        if request.data.get("accept_without_success"):
            return Response({}, status=303)
        return answer({"note": request.data.get("note"), "at": audit.timezone.now()}, message="Done.", status=201)


class Fails(APIView):
    """Fails as it is asked to."""

    permission_classes = [AllowAny]

    failures: dict[str, Exception] = {
        "defect": ZeroDivisionError("a secret of the inside"),
        "integrity": IntegrityError("duplicate key value: a secret of the inside"),
        "database": OperationalError("server closed the connection: a secret of the inside"),
        "model": ModelValidationError({"name": ["Too plain."]}),
        "serializer": serializers.ValidationError({"hours": [{"starts": ["Wrong."]}, {}]}),
        "suspicious": SuspiciousOperation("a secret of the inside"),
        "unreadable": UnreadablePostError("a secret of the inside"),
        "out_of_range": DataError("value a secret of the inside is out of range"),
        "missing_profile": Session.user.RelatedObjectDoesNotExist("a secret of the inside"),
        "refusal": exceptions.Conflict("Taken by %(name)s.", name="another", data={"alternatives": [1]}),
    }

    def get(self, request: Request, kind: str) -> Response:
        raise self.failures[kind]


class Fine(APIView):
    """Answers with what it is asked to: nothing, or a redirect."""

    permission_classes = [AllowAny]

    def get(self, request: Request, status: int) -> Response:
        return answer({"text": "été"} if status != 204 else None, status=status)


def breaks(request: Any) -> None:
    raise ZeroDivisionError("a secret of the inside")


urlpatterns = [
    *urls.urlpatterns,
    path("api/v1/test/people", People.as_view()),
    path("api/v1/test/people/<uuid:pk>", Person.as_view()),
    path("api/v1/test/echo", Echo.as_view()),
    path("api/v1/test/limited", Limited.as_view()),
    path("api/v1/test/private", Private.as_view()),
    path("api/v1/test/effect", Effect.as_view()),
    path("api/v1/test/fails/<str:kind>", Fails.as_view()),
    path("api/v1/test/fine/<int:status>", Fine.as_view()),
    path("test/breaks", breaks),
]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
