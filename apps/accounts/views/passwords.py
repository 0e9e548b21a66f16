"""/auth: codes that prove an address or phone, and passwords."""

from typing import cast

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import serializers, services
from apps.accounts.models import Session
from apps.common import requests
from apps.common.api import answer

from .base import AccountView, PublicView, caller, caller_session, origin_of
from .signing_in import signed_in

_EMAIL = {"email": "amina.okafor@example.com"}
_NEW = {"new_password": "Fresh-Start-42", "confirm_password": "Fresh-Start-42"}
_NOTHING = OpenApiResponse(description="The same answer always; `data` is null.")


class VerifyEmailView(PublicView):
    serializer_class = serializers.VerifyEmailInput

    @extend_schema(
        summary="Prove the e-mail address with the code sent to it",
        description="The code is good for ten minutes and five tries.",
        tags=["auth"],
        responses={200: _NOTHING},
        examples=[OpenApiExample("A code", value={**_EMAIL, "code": "7KMX3P"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        services.verify_email(**self.given(request), address=requests.client_address(request))
        return answer(message=_("Your e-mail address is verified."))


class ResendVerificationView(PublicView):
    serializer_class = serializers.EmailOnlyInput

    @extend_schema(
        summary="Send a new code for the e-mail address",
        description="The answer is the same whether or not there is such an account.",
        tags=["auth"],
        responses={200: _NOTHING},
        examples=[OpenApiExample("An address", value=_EMAIL, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        services.resend_verification(**self.given(request), address=requests.client_address(request))
        return answer(message=_("If there is an unverified account with this address, a new code was sent to it."))


class PhoneCodeView(AccountView):
    @extend_schema(
        summary="Send a code to the phone of the profile",
        description="503 `notifications.channel_unavailable` where no SMS provider is set up.",
        tags=["auth"],
        request=None,
        responses={200: OpenApiResponse(description="Sent; `data` is null.")},
    )
    def post(self, request: Request) -> Response:
        services.send_phone_code(caller(request))
        return answer(message=_("A code was sent to your phone."))


class VerifyPhoneView(AccountView):
    serializer_class = serializers.VerifyPhoneInput

    @extend_schema(
        summary="Prove the phone number with the code sent to it",
        tags=["auth"],
        responses={200: serializers.UserDetail},
        examples=[OpenApiExample("A code", value={"code": "7KMX3P"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        address = requests.client_address(request)
        user = services.verify_phone(caller(request), code=self.given(request)["code"], address=address)
        return answer(serializers.UserDetail(user).data, message=_("Your phone number is verified."))


class ForgotPasswordView(PublicView):
    serializer_class = serializers.EmailOnlyInput

    @extend_schema(
        summary="Ask for a link to set a new password",
        description="The answer is the same whether or not there is such an account. The link is good for one hour.",
        tags=["auth"],
        responses={200: _NOTHING},
        examples=[OpenApiExample("An address", value=_EMAIL, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        services.forgot_password(**self.given(request), address=requests.client_address(request))
        return answer(message=_("If there is an account with this address, a link was sent to it."))


class ResetPasswordView(PublicView):
    serializer_class = serializers.ResetPasswordInput

    @extend_schema(
        summary="Set a password with the token of a reset or an invitation",
        description="The token works once. Every session of the person is ended.",
        tags=["auth"],
        responses={200: OpenApiResponse(description="The password is set; `data` is null.")},
        examples=[OpenApiExample("A link's token", value={"token": "q8Zb1x…", **_NEW}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        services.set_password_by_link(**self.given(request), address=requests.client_address(request))
        return answer(message=_("Your password is set. Please sign in."))


class ChangePasswordView(AccountView):
    serializer_class = serializers.ChangePasswordInput

    @extend_schema(
        summary="Change the password",
        description="Every session of the person is ended; the answer holds the tokens of a new one for this device.",
        tags=["auth"],
        responses={200: serializers.SignedIn},
        examples=[
            OpenApiExample("Another one", value={"current_password": "Correct-Horse-7", **_NEW}, request_only=True)
        ],
    )
    def post(self, request: Request) -> Response:
        origin = origin_of(request, caller_session(request).device)
        session = services.change_password(caller(request), **self.given(request), origin=origin)
        return answer(
            signed_in(cast("Session", session)), message=_("Your password is changed. Other devices are signed out.")
        )
