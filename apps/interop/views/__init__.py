"""What spans the apps, over the API."""

from .rights import ClosureView, ExportView, FhirView, OwnExportsView, PatientExportsView
from .timeline import TimelineView

__all__ = ["ClosureView", "ExportView", "FhirView", "OwnExportsView", "PatientExportsView", "TimelineView"]
