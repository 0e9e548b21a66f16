"""Pictures of the demo world, drawn by these modules and the same on every machine.

`canvas` is the sheet and `palette` the colours and the light. `landscape`, `skyline`, `landmarks`, `places`, `street`
and `plants` are out of doors; `facades` and `hospital` a house; `interiors` and `furniture` its rooms; `marks` its
logo; `faces`, `hair` and `people` a doctor; `organs`, `bones`, `heads`, `births`, `therapies` and `medicine` a
treatment; `travel` a package.
"""

from .hospital import hospital_cover
from .interiors import SCENES, hospital_scene
from .marks import hospital_logo
from .medicine import treatment_picture
from .people import doctor_portrait
from .travel import package_picture

__all__ = [
    "SCENES",
    "doctor_portrait",
    "hospital_cover",
    "hospital_logo",
    "hospital_scene",
    "package_picture",
    "treatment_picture",
]
