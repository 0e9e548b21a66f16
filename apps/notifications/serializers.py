"""Shapes of what the API takes and gives about messages."""

from rest_framework import serializers

from .models import Channel


class NotificationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="What it is about, such as `bookings.appointment_confirmed`.")
    title = serializers.CharField(help_text="In the language asked for.")
    body = serializers.CharField(help_text="Plain text in the language asked for; may be empty.")
    data = serializers.DictField(help_text="Plain values about it, such as the id to open.")  # type: ignore[assignment]
    is_read = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class ReadAllSerializer(serializers.Serializer):
    updated = serializers.IntegerField(help_text="How many messages were unread before.")


class AnnounceInput(serializers.Serializer):
    user_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=500)
    title = serializers.CharField(max_length=120)
    body = serializers.CharField(max_length=2000)


class AnnouncedSerializer(serializers.Serializer):
    recipients = serializers.IntegerField(help_text="How many people are told.")


class WishSerializer(serializers.Serializer):
    kind = serializers.CharField(max_length=60)
    channel = serializers.ChoiceField(choices=Channel.choices)
    is_wanted = serializers.BooleanField()


class PreferencesInput(serializers.Serializer):
    preferences = serializers.ListField(child=WishSerializer(), min_length=1, max_length=300)


class ChannelSerializer(serializers.Serializer):
    channel = serializers.ChoiceField(choices=Channel.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    is_available = serializers.BooleanField(help_text="Whether this installation can send over it.")


class ChannelOfKindSerializer(serializers.Serializer):
    channel = serializers.ChoiceField(choices=Channel.choices)
    is_wanted = serializers.BooleanField()
    can_mute = serializers.BooleanField(help_text="False where the message is needed and always comes.")


class KindSerializer(serializers.Serializer):
    kind = serializers.CharField()
    group = serializers.CharField()
    group_label = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_transactional = serializers.BooleanField()
    channels = ChannelOfKindSerializer(many=True)


class PreferencesSerializer(serializers.Serializer):
    channels = ChannelSerializer(many=True)
    kinds = KindSerializer(many=True)
