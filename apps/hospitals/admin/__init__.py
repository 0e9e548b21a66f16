"""The directory's pages in the admin; every change goes through the services."""

from . import accreditations, affiliations, banking, catalogue, doctors, gallery, hospitals, reference

__all__ = ["accreditations", "affiliations", "banking", "catalogue", "doctors", "gallery", "hospitals", "reference"]
