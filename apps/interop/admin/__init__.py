"""What spans the apps, in the admin."""

from . import requests, timeline  # noqa: F401
