"""Health of the system over the API, and its figures for Prometheus."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework import serializers
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import exceptions, health, metrics, requests
from .api import answer

EXAMPLE = OpenApiExample(
    "Healthy", value={"ok": True, "services": [{"name": "database", "ok": True, "latency_ms": 1.2, "message": ""}]}
)


class IsPlatformAdmin(BasePermission):
    """Common stands below accounts: the user is asked."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated and request.user.is_platform_admin)


class Alive(serializers.Serializer):
    ok = serializers.BooleanField()


class ServiceHealth(serializers.Serializer):
    name = serializers.CharField()
    ok = serializers.BooleanField()
    latency_ms = serializers.FloatField()
    message = serializers.CharField(allow_blank=True)


class Health(serializers.Serializer):
    ok = serializers.BooleanField(help_text="Whether all of them are.")
    services = ServiceHealth(many=True)


class MachineView(APIView):
    """Asked every few seconds by machines that sign in nowhere."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()


class LivenessView(MachineView):
    @extend_schema(
        summary="The process answers",
        description="Touches no database, no Redis, no disk. For a platform that restarts what hangs.",
        tags=["health"],
        responses=Alive,
        examples=[OpenApiExample("Alive", value={"ok": True})],
    )
    def get(self, request: Request) -> Response:
        return answer({"ok": True})


class DatabaseHealthView(MachineView):
    @extend_schema(summary="The database answers", tags=["health"], responses=Health, examples=[EXAMPLE])
    def get(self, request: Request) -> Response:
        return _answer_or_refuse({"database": health.check_database})


class RedisHealthView(MachineView):
    @extend_schema(summary="Redis answers", tags=["health"], responses=Health, examples=[EXAMPLE])
    def get(self, request: Request) -> Response:
        return _answer_or_refuse({"redis": health.check_redis})


class ReadinessView(MachineView):
    @extend_schema(
        summary="This process can take requests",
        description="The database answers and no migration is pending. For a load balancer.",
        tags=["health"],
        responses=Health,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return _answer_or_refuse(health.READY)


class ServicesHealthView(APIView):
    permission_classes = (IsPlatformAdmin,)

    @extend_schema(
        summary="Everything the system needs, one by one",
        description="For people who look after the system: always 200, `ok` says whether all is well.",
        tags=["health"],
        responses=Health,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return answer(_shown(health.examine(health.SERVICES)))


def _answer_or_refuse(checks: dict[str, health.Check]) -> Response:
    findings = health.examine(checks)
    if not health.all_ok(findings):
        raise exceptions.Unavailable(data=_shown(findings), retry_after=5)
    return answer(_shown(findings))


def _shown(findings: list[health.Finding]) -> dict[str, Any]:
    return {"ok": health.all_ok(findings), "services": [finding.as_dict() for finding in findings]}


def show_metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for internal addresses; for others there is no such page."""
    if not requests.is_internal(request):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
