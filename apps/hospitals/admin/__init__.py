"""The directory's pages in the admin; every change goes through the services."""

from . import affiliations, doctors, hospitals, reference

__all__ = ["affiliations", "doctors", "hospitals", "reference"]
