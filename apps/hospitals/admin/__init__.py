"""The directory's pages in the admin; every change goes through the services."""

from . import affiliations, catalogue, doctors, hospitals, reference

__all__ = ["affiliations", "catalogue", "doctors", "hospitals", "reference"]
