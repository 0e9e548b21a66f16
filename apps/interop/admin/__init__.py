"""What spans the apps, in the admin."""

from . import timeline  # noqa: F401
