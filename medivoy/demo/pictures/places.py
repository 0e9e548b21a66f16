"""Which landscape a city lies in: each place draws what is seen from there towards the horizon.

Drawn from the back to the front, with what is worth seeing in the left third, where no house stands before it.
"""

import random
import unicodedata
from collections.abc import Callable

from . import landmarks, landscape, skyline
from .canvas import Canvas
from .palette import Light

Scenery = Callable[[Canvas, Light, random.Random, float], None]


def _chennai(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.sea(c, light, chance, foot - c.height * 0.09, foot)
    skyline.low_houses(c, light, chance, foot, c.height * 0.06, distance=0.3, roof=None)
    landmarks.temple_gate(c, light, c.width * 0.17, foot, c.height * 0.34, distance=0.22)


def _mumbai(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    skyline.towers(c, light, chance, foot - c.height * 0.05, c.height * 0.32, distance=0.52)
    landscape.sea(c, light, chance, foot - c.height * 0.08, foot)
    skyline.bridge(
        c, light, -c.width * 0.12, c.width * 0.44, foot - c.height * 0.07, foot, c.height * 0.2, distance=0.3
    )


def _delhi(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    skyline.towers(c, light, chance, foot, c.height * 0.17, distance=0.62)
    landscape.hills(c, light, chance, foot, c.height * 0.09, (104, 146, 98))
    landmarks.pointed_domes(c, light, c.width * 0.17, foot, c.height * 0.32)


def _istanbul(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.hills(c, light, chance, foot - c.height * 0.07, c.height * 0.1, (120, 150, 140))
    skyline.low_houses(c, light, chance, foot - c.height * 0.08, c.height * 0.05, distance=0.44, climb=60)
    landmarks.mosque(c, light, c.width * 0.17, foot - c.height * 0.075, c.height * 0.33)
    landmarks.mosque(c, light, c.width * 0.52, foot - c.height * 0.1, c.height * 0.19, distance=0.5)
    landscape.sea(c, light, chance, foot - c.height * 0.08, foot)


def _antalya(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.mountains(c, light, chance, foot - c.height * 0.09, c.height * 0.36, (112, 138, 172), snow=True)
    landscape.sea(c, light, chance, foot - c.height * 0.1, foot)


def _bangkok(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    skyline.towers(c, light, chance, foot - c.height * 0.04, c.height * 0.3, distance=0.6)
    landscape.sea(c, light, chance, foot - c.height * 0.06, foot)
    landmarks.chedi(c, light, c.width * 0.09, foot, c.height * 0.4)
    landmarks.thai_roof(c, light, c.width * 0.22, foot, c.height * 0.24)


def _phuket(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.islands(c, light, chance, foot - c.height * 0.09, c.height * 0.33)
    landscape.sea(c, light, chance, foot - c.height * 0.1, foot)


def _dubai(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    skyline.towers(c, light, chance, foot, c.height * 0.36, distance=0.56, glass=True)
    landmarks.needle(c, light, c.width * 0.15, foot, c.height * 0.58)
    landscape.ridge(c, [c.height * 0.03, c.height * 0.06, c.height * 0.02, c.height * 0.05, c.height * 0.03], foot,
                    light.far((232, 204, 158), 0.1))  # fmt: skip


def _abu_dhabi(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    skyline.towers(c, light, chance, foot - c.height * 0.06, c.height * 0.28, distance=0.58, span=(0.3, 1), glass=True)
    landmarks.mosque(
        c, light, c.width * 0.16, foot - c.height * 0.06, c.height * 0.34, stone=(250, 248, 244), distance=0.2
    )
    landscape.sea(c, light, chance, foot - c.height * 0.07, foot)


def _barcelona(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.hills(c, light, chance, foot - c.height * 0.03, c.height * 0.3, (106, 152, 112))
    landmarks.hill_tower(c, light, c.width * 0.4, foot - c.height * 0.24, c.height * 0.16, distance=0.6)
    skyline.low_houses(c, light, chance, foot, c.height * 0.08, climb=52, distance=0.3)
    landmarks.spires(c, light, c.width * 0.15, foot, c.height * 0.4)


def _malaga(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.hills(c, light, chance, foot - c.height * 0.08, c.height * 0.26, (142, 156, 112))
    skyline.low_houses(c, light, chance, foot - c.height * 0.07, c.height * 0.05, climb=78, distance=0.3,
                       walls=((252, 248, 240), (248, 240, 228), (244, 230, 208)))  # fmt: skip
    landscape.sea(c, light, chance, foot - c.height * 0.08, foot)


def _monterrey(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.saddle(c, light, foot, c.height * 0.44, (126, 138, 160))
    skyline.towers(c, light, chance, foot, c.height * 0.15, distance=0.44)
    landscape.ridge(c, [c.height * 0.02 * (1 + (step % 3)) for step in range(9)], foot, light.far((122, 148, 96), 0.15))


def _tijuana(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.hills(c, light, chance, foot - c.height * 0.08, c.height * 0.2, (196, 164, 120))
    skyline.low_houses(c, light, chance, foot - c.height * 0.07, c.height * 0.05, climb=52, roof=None,
                       walls=((244, 196, 160), (240, 226, 200), (178, 206, 200), (238, 178, 150)))  # fmt: skip
    landscape.sea(c, light, chance, foot - c.height * 0.08, foot)


def _kuala_lumpur(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    skyline.towers(c, light, chance, foot, c.height * 0.28, distance=0.58, glass=True)
    landmarks.twin_towers(c, light, c.width * 0.16, foot, c.height * 0.52)
    landscape.hills(c, light, chance, foot, c.height * 0.1, (70, 138, 96))


def _amman(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.hills(c, light, chance, foot, c.height * 0.3, (206, 182, 142))
    skyline.low_houses(c, light, chance, foot, c.height * 0.055, climb=190, roof=None, distance=0.14,
                       walls=((244, 232, 208), (236, 220, 192), (226, 206, 174)))  # fmt: skip
    landmarks.mosque(
        c, light, c.width * 0.2, foot - c.height * 0.12, c.height * 0.18, stone=(238, 226, 204), distance=0.16
    )


def _seoul(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.mountains(c, light, chance, foot, c.height * 0.34, (118, 150, 150))
    landmarks.hill_tower(c, light, c.width * 0.36, foot - c.height * 0.14, c.height * 0.26, distance=0.5)
    skyline.towers(c, light, chance, foot, c.height * 0.17, distance=0.5)
    landmarks.palace_gate(c, light, c.width * 0.16, foot, c.height * 0.26)


def _anywhere(c: Canvas, light: Light, chance: random.Random, foot: float) -> None:
    landscape.hills(c, light, chance, foot, c.height * 0.24, (112, 156, 122))
    skyline.towers(c, light, chance, foot, c.height * 0.16, distance=0.5)


_BY_CITY: dict[str, Scenery] = {
    "abu dhabi": _abu_dhabi, "amman": _amman, "antalya": _antalya, "bangkok": _bangkok, "barcelona": _barcelona,
    "chennai": _chennai, "dubai": _dubai, "istanbul": _istanbul, "kuala lumpur": _kuala_lumpur, "malaga": _malaga,
    "monterrey": _monterrey, "mumbai": _mumbai, "new delhi": _delhi, "phuket": _phuket, "seoul": _seoul,
    "tijuana": _tijuana,
}  # fmt: skip
_BY_COUNTRY: dict[str, tuple[Scenery, ...]] = {
    "AE": (_dubai, _abu_dhabi), "ES": (_barcelona, _malaga), "IN": (_delhi, _mumbai, _chennai), "JO": (_amman,),
    "KR": (_seoul,), "MX": (_monterrey, _tijuana), "MY": (_kuala_lumpur,), "TH": (_bangkok, _phuket),
    "TR": (_istanbul, _antalya),
}  # fmt: skip
#: Where palms line the streets.
_PALMY = {
    "abu dhabi",
    "antalya",
    "bangkok",
    "chennai",
    "dubai",
    "malaga",
    "mumbai",
    "phuket",
    "tijuana",
    "kuala lumpur",
}
_PALMY_COUNTRIES = {"AE", "MY", "TH"}


def plain(name: str) -> str:
    """A city's name without accents and capitals: “Málaga” is “malaga”."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip().lower()


def scenery(country: str, city: str, chance: random.Random) -> Scenery:
    """What is seen in a city; of a city that is not known, what is usual in its country."""
    return _BY_CITY.get(plain(city)) or chance.choice(_BY_COUNTRY.get(country, (_anywhere,)))


def has_palms(country: str, city: str) -> bool:
    return plain(city) in _PALMY if city else country in _PALMY_COUNTRIES
