"""Shapes of answers that every app shows alike."""

from rest_framework import serializers


class Named(serializers.Serializer):
    """Something that has a page of its own, by its id and the name that a reader sees."""

    id = serializers.UUIDField()
    name = serializers.CharField()
