"""Where gateways and providers send their news: signed, kept, answered at once."""

from typing import Any, NoReturn

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.billing import exceptions, gateways, services
from apps.common.api import answer
from apps.common.exceptions import TooLarge
from apps.common.throttling import LimitThrottle, RoughLimit

#: Far above any webhook that a gateway sends.
MAX_BODY = 256 * 1024


class WebhookThrottle(LimitThrottle):
    """Far above what gateways send, also after a day's silence; they send again what is refused."""

    limit = RoughLimit("billing.webhooks", attempts=6_000, seconds=60, batch=50)


class RawParser(BaseParser):
    """The signature is of the bytes: nothing is parsed here."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> NoReturn:
        raise NotImplementedError


class WebhookView(APIView):
    """Nobody signs in here: the body is signed."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [WebhookThrottle]
    parser_classes = [RawParser]
    sender: str | None = None

    @extend_schema(
        tags=["webhooks"],
        summary="News from a gateway",
        description="For payment gateways only. 400 `billing.bad_signature` where the signature is missing or wrong; "
        "nothing is kept then. The same event again is counted, and does nothing twice.",
        request={"application/json": OpenApiTypes.OBJECT},
        responses={200: None},
    )
    def post(self, request: Request) -> Response:
        sender = self.sender or gateways.signed_by(request.headers)
        if sender is None:
            raise exceptions.BadSignature()
        services.receive_webhook(sender, _body(request), request.headers)
        return answer()


class TwilioView(WebhookView):
    @extend_schema(
        tags=["webhooks"],
        summary="Receipts of text messages",
        description="For Twilio only. 400 `billing.bad_signature` where the signature is missing or wrong.",
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT},
        responses={200: None},
    )
    def post(self, request: Request) -> Response:
        signature = request.headers.get("X-Twilio-Signature", "")
        services.receive_receipt(_body(request), path=request.get_full_path(), signature=signature)
        return answer()


def _body(request: Request) -> bytes:
    """Raises TooLarge before anything of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY:
        raise TooLarge()
    body: bytes = request._request.body
    return body
