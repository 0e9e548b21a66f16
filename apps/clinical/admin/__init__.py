"""The patient's record in the admin."""

from . import patients  # noqa: F401
