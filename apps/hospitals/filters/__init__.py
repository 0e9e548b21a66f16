"""The filters of the public lists: each parsed by one function, a wrong value refused by name with 400."""

from .directory import DOCTOR_PARAMETERS, HOSPITAL_PARAMETERS, practises_at
from .parameters import Parameter, ParameterBackend

__all__ = ["DOCTOR_PARAMETERS", "HOSPITAL_PARAMETERS", "Parameter", "ParameterBackend", "practises_at"]
