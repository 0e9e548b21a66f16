"""Pictures of the demo world, drawn by these modules and the same on every machine."""

from .hospital import hospital_cover
from .interiors import SCENES, hospital_scene
from .marks import hospital_logo
from .people import doctor_portrait

__all__ = ["SCENES", "doctor_portrait", "hospital_cover", "hospital_logo", "hospital_scene"]
