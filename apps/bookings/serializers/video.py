"""Consultations by video: what whoever joins is answered."""

from typing import Any

from rest_framework import serializers

from apps.bookings.models import VideoRoom
from apps.bookings.services.video import Joining


class VideoCallShown(serializers.Serializer):
    """The caller's own way into the call. It is for them alone: ask again instead of keeping it."""

    provider = serializers.ChoiceField(choices=VideoRoom.Provider.choices)
    url = serializers.CharField(help_text="To be opened by the caller; it leads nowhere once the call has closed.")
    password = serializers.CharField(
        allow_blank=True, help_text="To be typed where the room's page asks for it; empty where the address is enough."
    )
    display_name = serializers.CharField(help_text="How the other side should see the caller.")
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="The time of the appointment that the call is for.")


def video_call(joining: Joining) -> dict[str, Any]:
    """The answer of VideoCallShown."""
    return {
        "provider": joining.provider,
        "url": joining.link.url,
        "password": joining.link.password,
        "display_name": joining.name,
        "opens_at": joining.opens_at,
        "closes_at": joining.closes_at,
        "starts_at": joining.appointment.starts_at,
        "ends_at": joining.appointment.ends_at,
        "version": joining.appointment.version,
    }
