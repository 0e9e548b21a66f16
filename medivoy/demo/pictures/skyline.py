"""What people have built on the horizon: high houses, rows of small ones, a bridge."""

import math
import random
from collections.abc import Sequence

from .canvas import Canvas, Colour, arc, down, smooth
from .palette import Light, darker, lighter, mix, see_through

TONES: tuple[Colour, ...] = ((172, 186, 204), (190, 196, 206), (206, 196, 190), (160, 180, 196))
LAMP: Colour = (255, 222, 150)


def _lamps(c: Canvas, x0: float, y0: float, x1: float, y1: float, light: Light, chance: random.Random, dark: Colour,
           distance: float) -> None:  # fmt: skip
    """Small windows over a wall, some of them lit."""
    gap = 13
    for row in range(int((y1 - y0) / gap)):
        for column in range(int((x1 - x0 - 6) / 9)):
            roll = chance.random()
            colour = light.far(LAMP, distance * 0.3) if roll < light.lit * 0.7 else dark if roll < 0.8 else None
            if colour:
                x, y = x0 + 5 + column * 9, y0 + 7 + row * gap
                c.rect(x, y, x + 4.5, y + 7, colour)


def towers(c: Canvas, light: Light, chance: random.Random, foot: float, height: float, *, distance: float = 0.45,
           span: tuple[float, float] = (0, 1), glass: bool = False) -> None:  # fmt: skip
    """High houses side by side, with different tops, and a hazier row behind them."""
    x, end = span[0] * c.width - 30, span[1] * c.width
    while x < end:
        wide = chance.uniform(0.02, 0.05) * c.width
        top = foot - height * chance.uniform(0.25, 0.78)
        c.rect(x, top, x + wide, foot, light.far(TONES[0], min(0.86, distance + 0.27)))
        x += wide * chance.uniform(0.8, 1.2)
    x, end = span[0] * c.width - 10, span[1] * c.width
    while x < end:
        wide = chance.uniform(0.024, 0.046) * c.width
        tall = height * chance.uniform(0.35, 1) ** 1.3
        tone = chance.choice(TONES)
        tone = light.far(mix(tone, (92, 156, 190), 0.55) if glass else tone, distance + chance.uniform(-0.08, 0.08))
        top = foot - tall
        kind = chance.randrange(4)
        if kind == 0:
            c.rect(x + wide * 0.28, top - tall * 0.08, x + wide * 0.72, top, tone)
            c.line([(x + wide / 2, top - tall * 0.22), (x + wide / 2, top)], tone, 2.2)
        elif kind == 1:
            c.polygon([(x, top), (x + wide, top - wide * 0.45), (x + wide, top + 1), (x, top + 1)], tone)
        elif kind == 2:
            c.polygon(arc(x + wide / 2, top, wide / 2, wide * 0.4, 180, 360), tone)
        c.rect(x, top, x + wide, foot, down(tone, mix(tone, light.haze, 0.4)))
        c.rect(x + wide * 0.66, top, x + wide, foot, see_through(darker(tone, 0.6), 26))
        _lamps(c, x, top, x + wide, foot, light, chance, mix(tone, darker(tone), 0.55), distance)
        x += wide * chance.uniform(0.9, 1.5)


def low_houses(c: Canvas, light: Light, chance: random.Random, foot: float, height: float, *, distance: float = 0.25,
               walls: Sequence[Colour] = ((240, 230, 216), (232, 214, 196), (224, 204, 184)),
               roof: Colour | None = (196, 112, 84), climb: float = 0) -> None:  # fmt: skip
    """Rows of small houses, climbing a slope of `climb` pixels behind one another, with tiled or flat roofs."""
    rows, phase = 1 + int(climb / 26), chance.uniform(0, 6)
    for row in reversed(range(rows)):
        x = -chance.uniform(0, 30)
        far = min(0.7, distance + 0.06 * row)
        while x < c.width:
            wide, tall = chance.uniform(0.02, 0.042) * c.width, height * chance.uniform(0.55, 1)
            wall = light.far(chance.choice(walls), far)
            slope = 0.62 + 0.38 * math.sin(phase + x / c.width * 7)
            y = foot - climb * row / max(1, rows) * slope
            c.rect(x, y - tall, x + wide, y + 30, wall)
            if roof:
                c.polygon([(x - 3, y - tall), (x + wide * 0.5, y - tall - wide * 0.24), (x + wide + 3, y - tall)],
                          light.far(roof, far))  # fmt: skip
            else:
                c.rect(x, y - tall, x + wide, y - tall + 4, lighter(wall, 0.3))
            c.rect(x + wide * 0.7, y - tall + (0 if roof else 4), x + wide, y + 30, see_through(darker(wall, 0.6), 30))
            _lamps(c, x, y - tall + 4, x + wide, y - 4, light, chance, darker(wall, 0.26), far)
            x += wide * chance.uniform(0.92, 1.2)


def bridge(
    c: Canvas, light: Light, x0: float, x1: float, deck: float, foot: float, height: float, *, distance: float = 0.4
) -> None:
    """A hanging bridge with two pylons over the water."""
    tone = light.far((150, 166, 186), distance)
    span = x1 - x0
    left, right = x0 + span * 0.28, x0 + span * 0.72
    for start, end, low in ((x0 - span * 0.02, left, None), (left, right, deck - 6), (right, x1 + span * 0.02, None)):
        if low is None:
            a, b = ((start, deck), (end, deck - height)) if end == left else ((start, deck - height), (end, deck))
            cable = [a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + height * 0.14), b]
        else:
            cable = [(start, deck - height), ((start + end) / 2, low), (end, deck - height)]
        curve = smooth(cable, steps=12)
        c.line(curve, tone, 2)
        for px, py in curve[::3]:
            c.line([(px, py), (px, deck)], see_through(tone, 170), 1)
    for x in (left, right):
        c.rect(x - 5, deck - height - 6, x - 1, foot, tone)
        c.rect(x + 3, deck - height - 6, x + 7, foot, darker(tone, 0.12))
        c.rect(x - 5, deck - height * 0.6, x + 7, deck - height * 0.55, tone)
    c.rect(x0, deck, x1, deck + 5, darker(tone, 0.08))
