"""The mark of a hospital: a simple figure that goes with its name, the same on its logo and over its door."""

import math
from collections.abc import Callable

from .canvas import Canvas, Colour, Fill, Point, arc, smooth, symmetrical
from .palette import CORAL, SUN, WHITE, darker, dice, lighter, look_of, mix, turned

#: Draws a figure about (0, 0), some 200 wide, in a main and a second colour.
Figure = Callable[[Canvas, Colour, Colour], None]


def heart_outline(size: float = 1, x: float = 0, y: float = 0) -> list[Point]:
    """A heart some 200 wide, its middle at (x, y)."""
    turns = [2 * math.pi * step / 72 for step in range(72)]
    return [
        (
            x + size * 6.1 * 16 * math.sin(turn) ** 3,
            y
            - size * 6.1 * (13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn) - math.cos(4 * turn)),
        )
        for turn in turns
    ]


def leaf_outline(length: float, width: float) -> list[Point]:
    """A leaf that grows upwards from (0, 0)."""
    shares = [step / 16 for step in range(17)]
    half = [(width / 2 * math.sin(math.pi * share**0.85), -length * (1 - share)) for share in shares]
    return symmetrical(half)


def plus(c: Canvas, x: float, y: float, size: float, fill: Fill) -> None:
    third = size * 0.17
    c.rect(x - third, y - size / 2, x + third, y + size / 2, fill, round=size * 0.06)
    c.rect(x - size / 2, y - third, x + size / 2, y + third, fill, round=size * 0.06)


def _heart(c: Canvas, main: Colour, second: Colour) -> None:
    c.polygon(heart_outline(1.05, 0, -6), main)
    c.line([(-104, 4), (-44, 4), (-24, -34), (4, 42), (24, -4), (104, -4)], second, 13)


def _flower(c: Canvas, main: Colour, second: Colour) -> None:
    for number in range(5):
        with c.at(0, 0, angle=72 * number):
            c.polygon([(x, y - 14) for x, y in leaf_outline(92, 66)], main if number % 2 else mix(main, second, 0.22))
    c.circle(0, 0, 20, second)


def _waves(c: Canvas, main: Colour, second: Colour) -> None:
    c.polygon(arc(0, 6, 70, 70, 180, 360), second)
    for row, tone in ((0, main), (1, mix(main, second, 0.3)), (2, main)):
        y = 26 + row * 32
        c.line([(-98, y), (-50, y - 16), (0, y), (50, y + 16), (98, y)], tone, 17, curved=True)


def _bird(c: Canvas, main: Colour, second: Colour) -> None:
    c.circle(30, -30, 46, second)
    c.polygon([*smooth([(-104, -8), (-60, -52), (-6, 12)]), *smooth([(-6, 12), (60, -74), (108, -62)]),
               *smooth([(108, -62), (62, -36), (0, 70)]), *smooth([(0, 70), (-44, -6), (-104, -8)])], main)  # fmt: skip
    c.line([(-80, 86), (-30, 74), (30, 86), (80, 74)], mix(main, second, 0.4), 12, curved=True)


def _eye(c: Canvas, main: Colour, second: Colour) -> None:
    lid = smooth([(-108, 4), (-60, -48), (0, -66), (60, -48), (108, 4)])
    c.polygon([*lid, *((x, 8 - y) for x, y in reversed(lid))], main)
    c.circle(0, 4, 48, second)
    c.circle(0, 4, 22, main)
    c.circle(14, -12, 9, WHITE)


def _peaks(c: Canvas, main: Colour, second: Colour) -> None:
    c.circle(52, -48, 28, second)
    c.polygon([(-104, 70), (-30, -62), (44, 70)], main)
    c.polygon([(-30, -62), (-55, -18), (-40, -26), (-28, -14), (-16, -26), (-5, -18)], second)
    c.polygon([(-14, 70), (46, -20), (104, 70)], mix(main, second, 0.3))


def _leaves(c: Canvas, main: Colour, second: Colour) -> None:
    c.line([(0, 96), (-4, 20), (10, -40)], main, 11, curved=True)
    for x, y, angle, tone in ((8, -34, 12, second), (2, 6, -48, main), (4, -2, 62, mix(main, second, 0.3)),
                              (-2, 56, -66, mix(main, second, 0.3)), (-2, 50, 74, main)):  # fmt: skip
        with c.at(x, y, angle=angle):
            c.polygon(leaf_outline(74, 46), tone)


def _cradle(c: Canvas, main: Colour, second: Colour) -> None:
    c.line(arc(0, 0, 84, 84, 40, 320, 40), main, 20)
    c.circle(4, -34, 26, second)
    c.polygon([*arc(2, 28, 46, 46, 0, 180), *smooth([(-44, 28), (-20, 6), (2, 22), (24, 6), (48, 28)])], second)


def _star(c: Canvas, main: Colour, second: Colour) -> None:
    for number in range(8):
        with c.at(0, 0, angle=45 * number):
            c.polygon([(0, -98), (22, -40), (0, -14), (-22, -40)], main if number % 2 else second)
    c.circle(0, 0, 15, main)


def _roof(c: Canvas, main: Colour, second: Colour) -> None:
    c.line([(-98, -14), (0, -84), (98, -14)], main, 24)
    c.polygon([(x, y + 42) for x, y in heart_outline(0.62)], second)


def _bridge(c: Canvas, main: Colour, second: Colour) -> None:
    plus(c, 0, -50, 62, second)
    c.line(arc(0, 66, 96, 88, 180, 360), main, 20)
    c.line(arc(0, 66, 46, 42, 180, 360), mix(main, second, 0.35), 18)
    c.line([(-106, 70), (106, 70)], main, 18)


#: Words in a code, and the figure that says the same.
_FIGURES: tuple[tuple[str, Figure], ...] = (
    ("heart cardi", _heart), ("ocular eye vision", _eye), ("fertil women child mater", _cradle),
    ("gaviota gull bird", _bird), ("coast coral cape bay costa sea", _waves), ("champa kenanga limon flower rose",
           _flower),
    ("laurel ghaf zaytoun olive cedar", _leaves), ("cerro mirador hill mount tal", _peaks), ("tara star cancer", _star),
    ("maru house roof", _roof), ("bogaz bridge", _bridge),
)  # fmt: skip


#: Colours that go with any accent.
_SECONDS: tuple[Colour, ...] = (SUN, (255, 190, 164), (166, 222, 204), (250, 226, 178))


def figure_of(code: str) -> Figure:
    """The figure whose word is in the code, or any."""
    for words, figure in _FIGURES:
        if any(word in code for word in words.split()):
            return figure
    return dice("mark", code).choice(_FIGURES)[1]


def hospital_logo(code: str) -> bytes:
    """A hospital's mark, 512 by 512, as PNG."""
    chance = dice("logo", code)
    accent = look_of(code).accent
    c = Canvas(512, 512, background=WHITE)
    dark = darker(turned(accent, chance.uniform(-14, 14)), chance.uniform(0.02, 0.2))
    second = chance.choice(_SECONDS)
    style = chance.randrange(3)
    if style == 0:
        c.rect(24, 24, 488, 488, dark, round=112)
        main, second = WHITE, lighter(second, 0.1)
    elif style == 1:
        c.circle(256, 256, 236, lighter(accent, 0.86))
        main, second = dark, chance.choice((CORAL, lighter(accent, 0.4), (226, 158, 52)))
    else:
        c.circle(256, 256, 236, dark)
        c.ring(256, 256, 212, mix(dark, WHITE, 0.4), 5)
        main, second = WHITE, lighter(second, 0.1)
    with c.at(256, 256, scale=1.42 if style == 0 else 1.3):
        figure_of(code)(c, main, second)
    return c.png()
