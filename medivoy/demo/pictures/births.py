"""How a family begins: cells, cold storage, genes, a mother and a child. About (0, 0), some 380 high."""

import math

from . import marks
from .canvas import Canvas, Colour, across, arc, oval, smooth
from .organs import lens, solid
from .palette import SUN, WHITE, darker, lighter, mix, see_through

SKIN: Colour = (232, 178, 142)
STEEL: Colour = (190, 202, 214)
CELL: Colour = (250, 206, 190)


def _cells(c: Canvas, x: float, y: float, size: float) -> None:
    """An embryo of eight cells in its shell."""
    solid(c, oval(x, y, size, size), (252, 232, 214), depth=size * 0.08)
    c.circle(x, y, size * 0.84, (255, 246, 236))
    for number in range(7):
        angle = 2 * math.pi * number / 7
        far = size * 0.46
        solid(
            c,
            oval(x + math.cos(angle) * far, y + math.sin(angle) * far, size * 0.31, size * 0.31),
            CELL,
            depth=size * 0.06,
        )
    solid(c, oval(x, y, size * 0.32, size * 0.32), lighter(CELL, 0.2), depth=size * 0.06)
    for number in range(7):
        angle = 2 * math.pi * number / 7
        c.circle(x + math.cos(angle) * size * 0.46, y + math.sin(angle) * size * 0.46, size * 0.09, (232, 150, 140))
    c.circle(x, y, size * 0.09, (232, 150, 140))


def embryo(c: Canvas, accent: Colour) -> None:
    c.ellipse(0, 186, 230, 26, (190, 226, 236))
    _cells(c, 0, -10, 176)
    c.line([(-300, -140), (-180, -60)], (214, 232, 240), 44)
    c.line([(-300, -140), (-190, -66)], lighter(accent, 0.5), 20)
    c.line(arc(0, -10, 176, 176, 200, 250, 14), WHITE, 12)


def needle(c: Canvas, accent: Colour) -> None:
    """One sperm is brought into one egg."""
    solid(c, oval(0, 0, 176, 176), (252, 232, 214), depth=14)
    solid(c, oval(0, 0, 144, 144), CELL, depth=16)
    c.circle(-24, -20, 44, (236, 160, 150))
    c.polygon([(320, -44), (320, 20), (40, -2), (40, -10)], (206, 232, 242, 220))
    c.polygon([(320, -20), (320, 0), (60, -5), (60, -8)], lighter(accent, 0.4))
    c.ellipse(60, -6, 12, 7, accent)
    c.polygon([(-330, -50), (-190, -40), (-172, 0), (-190, 40), (-330, 50)], (206, 232, 242, 220))
    c.line(arc(0, 0, 176, 176, 200, 250, 14), WHITE, 12)


def snowflake(c: Canvas, x: float, y: float, size: float, fill: Colour) -> None:
    for number in range(6):
        with c.at(x, y, angle=60 * number):
            c.line([(0, 0), (0, -size)], fill, size * 0.11)
            for share in (0.5, 0.76):
                c.line(
                    [(-size * 0.22, -size * (share + 0.18)), (0, -size * share), (size * 0.22, -size * (share + 0.18))],
                    fill,
                    size * 0.09,
                )


def frozen_embryo(c: Canvas, accent: Colour) -> None:
    _cells(c, -40, 10, 160)
    for x, y, size in ((160, -110, 84), (200, 60, 46), (-210, -120, 40)):
        snowflake(c, x, y, size, mix((96, 170, 224), accent, 0.2))


def egg_store(c: Canvas, accent: Colour) -> None:
    """Cold storage with a cloud over it."""
    c.rect(-120, -60, 120, 206, across(lighter(STEEL, 0.6), WHITE, STEEL), round=44)
    c.rect(-120, 20, 120, 60, accent)
    c.rect(-70, -104, 70, -54, darker(STEEL, 0.1), round=16)
    for x, y, radius in ((-96, -96, 40), (-40, -122, 50), (30, -124, 46), (92, -98, 38)):
        c.circle(x, y, radius, (226, 244, 250, 210))
    solid(c, oval(0, -176, 52, 52), (252, 226, 210), depth=8)
    c.circle(-4, -180, 18, (240, 170, 156))
    snowflake(c, 0, 132, 48, mix((96, 170, 224), accent, 0.2))


def helix(c: Canvas, accent: Colour) -> None:
    """Two strands of DNA."""
    with c.at(0, 0, angle=24):
        steps = [(-230 + number * 10) for number in range(47)]
        first = [(math.sin(y / 62) * 88, float(y)) for y in steps]
        second = [(-x, y) for x, y in first]
        for number in range(2, 46, 3):
            (x0, y), (x1, _y) = first[number], second[number]
            c.line([(x0, y), (0, y)], SUN if number % 2 else (240, 140, 140), 10)
            c.line([(0, y), (x1, y)], (120, 184, 224) if number % 2 else (150, 206, 160), 10)
        c.line(first, accent, 22)
        c.line(second, mix(accent, (90, 80, 150), 0.45), 22)


def embryo_genes(c: Canvas, accent: Colour) -> None:
    with c.at(-70, 0, scale=0.96):
        helix(c, accent)
    lens(c, 140, 60, 106, (252, 244, 238))
    _cells(c, 140, 60, 90)


def cradle(c: Canvas, accent: Colour) -> None:
    """A new-born child in two arms that make a round."""
    c.line(arc(0, 10, 190, 186, 20, 340, 60), lighter(accent, 0.35), 40)
    with c.at(0, 30):
        solid(
            c,
            smooth(
                [(-130, 20), (-60, -26), (40, -20), (130, 30), (120, 96), (40, 130), (-70, 122), (-130, 80)],
                closed=True,
            ),
            mix(accent, WHITE, 0.55),
            depth=14,
        )
        c.line(smooth([(-110, 40), (-20, 30), (60, 60), (124, 50)]), see_through(accent, 170), 8)
        c.line(smooth([(-60, 100), (0, 60), (20, 0)]), see_through(accent, 120), 6)
        solid(c, oval(-84, -30, 66, 62), (246, 204, 174), depth=8)
        c.polygon([(x, min(y, -62)) for x, y in oval(-84, -34, 70, 64)], mix(accent, WHITE, 0.3))
        for x in (-106, -66):
            c.line(arc(x, -30, 10, 7, 10, 170, 8), (110, 66, 58), 5)
        c.line(arc(-86, -10, 12, 8, 20, 160, 8), (196, 84, 84), 5)
    c.polygon(marks.heart_outline(0.4, 120, -110), (240, 130, 140))


def mother(c: Canvas, accent: Colour) -> None:
    """A woman who expects a child, from the side."""
    hair, dress = (82, 56, 50), accent
    c.circle(46, -176, 48, hair)
    c.circle(96, -156, 30, hair)
    solid(c, smooth([(-8, -96), (54, -104), (86, -50), (76, 30), (96, 130), (110, 226), (-70, 226), (-70, 150),
           (-116, 100), (-118, 40), (-60, -10), (-30, -50)],
                    closed=True), dress, depth=18)  # fmt: skip
    c.rect(16, -140, 50, -88, darker(SKIN, 0.1))
    c.ellipse(14, -160, 41, 45, SKIN)
    c.polygon(
        smooth([(-24, -176), (0, -214), (50, -214), (70, -170), (50, -130), (40, -170), (0, -190)], closed=True), hair
    )
    c.line(arc(-6, -158, 8, 6, 10, 170, 8), (80, 50, 46), 4)
    c.line(arc(-8, -140, 9, 6, 20, 150, 8), (196, 84, 84), 4)
    c.line(smooth([(60, -60), (74, 20), (20, 78), (-60, 92)]), darker(SKIN, 0.04), 26)
    c.polygon(marks.heart_outline(0.3, -62, 44), WHITE)
