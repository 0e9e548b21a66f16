"""The filters of the public lists: each parsed by one function, a wrong value refused by name with 400."""

from .catalogue import (
    HOSPITAL_OFFER_PARAMETERS,
    PACKAGE_PARAMETERS,
    TREATMENT_OFFER_PARAMETERS,
    TREATMENT_PARAMETERS,
)
from .directory import DOCTOR_PARAMETERS, HOSPITAL_PARAMETERS, practises_at
from .parameters import Parameter, ParameterBackend, read
from .places import asked_place
from .prices import asked_prices
from .reference import PROCEDURE_PARAMETERS
from .searching import DirectorySortBackend

__all__ = [
    "DOCTOR_PARAMETERS",
    "HOSPITAL_OFFER_PARAMETERS",
    "HOSPITAL_PARAMETERS",
    "PACKAGE_PARAMETERS",
    "PROCEDURE_PARAMETERS",
    "TREATMENT_OFFER_PARAMETERS",
    "TREATMENT_PARAMETERS",
    "DirectorySortBackend",
    "Parameter",
    "ParameterBackend",
    "asked_place",
    "asked_prices",
    "practises_at",
    "read",
]
