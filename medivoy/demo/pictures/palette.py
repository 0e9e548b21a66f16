"""Colours that go together, and the light of an hour."""

import colorsys
import random
from dataclasses import dataclass

from .canvas import Colour

WHITE: Colour = (255, 255, 255)
INK: Colour = (34, 49, 66)
TEAL: Colour = (20, 138, 133)
NAVY: Colour = (36, 62, 102)
CORAL: Colour = (238, 118, 98)
SAND: Colour = (240, 222, 196)
SUN: Colour = (250, 200, 104)


def dice(*seeds: object) -> random.Random:
    """A picture's own source of chance: the same seeds draw the same picture on every machine."""
    return random.Random("picture " + " ".join(map(str, seeds)))  # noqa: S311  repeatable on purpose


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The first colour with a share (0 to 1) of the second."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(first, second, strict=True))
    return r, g, b


def lighter(colour: Colour, share: float = 0.2) -> Colour:
    return mix(colour, WHITE, share)


def darker(colour: Colour, share: float = 0.2) -> Colour:
    """Towards a cool dark, as shadows are."""
    return mix(colour, (24, 32, 62), share)


def turned(colour: Colour, degrees: float, *, vivid: float = 1, bright: float = 1) -> Colour:
    """The colour with another hue, and more or less vivid and bright."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    found = colorsys.hls_to_rgb((hue + degrees / 360) % 1, min(1, light * bright), min(1, saturation * vivid))
    r, g, b = (round(part * 255) for part in found)
    return r, g, b


def see_through(colour: Colour, opacity: int) -> tuple[int, int, int, int]:
    return (*colour, opacity)


@dataclass(frozen=True)
class Light:
    """How an hour colours the sky and what stands under it."""

    sky: tuple[Colour, Colour, Colour]
    sun: Colour
    sun_height: float
    """0 at the horizon, 1 at the top of the picture."""
    ambient: Colour
    haze: Colour
    cloud: Colour
    lit: float
    """The share of windows with the lamps on."""

    def on(self, colour: Colour) -> Colour:
        """The colour of a thing under this light."""
        r, g, b = (round(part * lamp / 255) for part, lamp in zip(colour, self.ambient, strict=True))
        return r, g, b

    def far(self, colour: Colour, distance: float) -> Colour:
        """The colour of a thing so far away: 0 near, 1 lost in the haze."""
        return mix(self.on(colour), self.haze, distance)


DAWN = Light(
    ((118, 160, 208), (218, 196, 206), (255, 218, 184)), (255, 240, 214), 0.30, (255, 240, 232), (246, 214, 196),
    (255, 236, 226), 0.22,
)  # fmt: skip
MORNING = Light(
    ((92, 172, 222), (158, 210, 236), (226, 242, 244)), (255, 250, 224), 0.72, (255, 254, 250), (214, 234, 240),
    (255, 255, 255), 0.06,
)  # fmt: skip
NOON = Light(
    ((70, 158, 218), (136, 200, 236), (212, 236, 246)), (255, 252, 232), 0.82, (255, 255, 255), (204, 230, 242),
    (255, 255, 255), 0.03,
)  # fmt: skip
GOLDEN = Light(
    ((108, 158, 200), (236, 208, 176), (255, 214, 148)), (255, 232, 170), 0.36, (255, 240, 218), (252, 214, 168),
    (255, 238, 212), 0.25,
)  # fmt: skip
DUSK = Light(
    ((62, 70, 128), (170, 112, 152), (250, 172, 134)), (255, 206, 158), 0.12, (208, 190, 214), (216, 152, 152),
    (226, 160, 168), 0.62,
)  # fmt: skip
NIGHT = Light(
    ((20, 30, 70), (44, 62, 114), (96, 110, 158)), (244, 240, 222), 0.78, (136, 148, 196), (84, 98, 148),
    (74, 88, 138), 0.72,
)  # fmt: skip


def light_at(hour: int) -> Light:
    """The light of an hour of the day, 0 to 23."""
    for until, light in ((5, NIGHT), (8, DAWN), (11, MORNING), (16, NOON), (18, GOLDEN), (20, DUSK)):
        if hour < until:
            return light
    return NIGHT


@dataclass(frozen=True)
class Look:
    """The colours of one house, outside and inside."""

    wall: Colour
    stone: Colour
    accent: Colour
    wood: Colour
    floor: Colour
    leaf: Colour


LOOKS = (
    Look((246, 246, 242), (208, 214, 216), (20, 138, 133), (190, 140, 96), (226, 216, 200), (88, 152, 104)),
    Look((248, 240, 226), (222, 196, 164), (214, 118, 78), (168, 112, 76), (232, 212, 186), (110, 148, 84)),
    Look((238, 243, 248), (186, 202, 218), (52, 104, 172), (196, 156, 114), (216, 222, 228), (84, 146, 116)),
    Look((250, 246, 240), (214, 206, 196), (122, 96, 158), (182, 138, 104), (228, 218, 212), (104, 152, 108)),
    Look((243, 239, 230), (200, 190, 172), (46, 122, 92), (156, 108, 72), (220, 210, 190), (76, 138, 84)),
    Look((250, 243, 238), (226, 204, 194), (204, 88, 104), (188, 138, 108), (234, 220, 208), (98, 150, 98)),
    Look((240, 246, 246), (180, 206, 208), (24, 118, 152), (202, 160, 112), (218, 226, 224), (92, 158, 120)),
    Look((247, 243, 233), (216, 200, 160), (196, 148, 46), (172, 124, 76), (232, 222, 200), (112, 146, 88)),
)


def look_of(code: str) -> Look:
    """The house colours of a hospital, the same in its cover, its rooms and its mark."""
    return dice("look", code).choice(LOOKS)
