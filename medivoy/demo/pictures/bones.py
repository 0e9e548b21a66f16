"""Bones and joints about (0, 0), some 400 high, and what is put into them."""

from collections.abc import Callable

from .canvas import Canvas, Colour, across, arc, down, oval, rounded, smooth
from .organs import solid, target, tube
from .palette import WHITE, darker, lighter, mix, see_through

BONE: Colour = (248, 234, 208)
CARTILAGE: Colour = (186, 218, 236)
METAL: Colour = (186, 200, 214)


def framed(motif: Callable[[Canvas, Colour], None]) -> Callable[[Canvas, Colour], None]:
    """A part of a limb, seen in a round frame, so that nothing looks cut off."""

    def draw(c: Canvas, accent: Colour) -> None:
        c.soft(oval(5, 14, 256, 256), (30, 40, 70, 70), 14)
        c.circle(0, 0, 262, WHITE)
        with c.within(oval(0, 0, 248, 248)):
            c.circle(0, 0, 248, mix(accent, WHITE, 0.8))
            with c.at(0, 0, scale=0.96):
                motif(c, accent)

    return draw


def _leg(c: Canvas) -> None:
    """The skin and muscle round the joint, pale."""
    c.polygon(smooth([(-118, -260), (-112, -80), (-96, 20), (-84, 130), (-90, 260), (86, 260), (92, 120), (112, 30),
           (122, -60), (130, -260)]),
              (250, 214, 196, 220))  # fmt: skip


def _femur(c: Canvas) -> None:
    solid(c, smooth([(-44, -270), (-42, -140), (-58, -84), (-98, -44), (-102, 8), (-62, 36), (-14, 16), (16, 16),
           (62, 36), (102, 8), (98, -46),
                     (56, -86), (42, -140), (44, -270)]), BONE, depth=14)  # fmt: skip


def _tibia(c: Canvas) -> None:
    solid(c, smooth([(-92, 64), (-40, 58), (0, 50), (40, 58), (92, 64), (88, 100), (52, 136), (38, 200), (36, 280),
           (-36, 280), (-40, 200),
                     (-56, 136), (-90, 100)]), BONE, depth=14)  # fmt: skip
    tube(c, [(88, 110), (80, 190), (78, 280)], BONE, 26)


def knee(c: Canvas, accent: Colour) -> None:
    _leg(c)
    _tibia(c)
    _femur(c)
    c.line(smooth([(-84, 50), (-44, 46), (-10, 40)]), CARTILAGE, 17)
    c.line(smooth([(84, 50), (44, 46), (10, 40)]), CARTILAGE, 17)


def knee_implant(c: Canvas, accent: Colour) -> None:
    _leg(c)
    _tibia(c)
    _femur(c)
    cap = [*smooth([(-110, -60), (-116, 6), (-66, 48), (-14, 26), (16, 26), (66, 48), (116, 6), (110, -60)]),
           *smooth([(84, -52), (84, -6), (60, 12), (16, -6), (-14, -6), (-60, 12), (-84, -6), (-84, -52)])]  # fmt: skip
    c.polygon(cap, across(lighter(METAL, 0.5), METAL, lighter(METAL, 0.6), darker(METAL, 0.1)))
    c.rect(-98, 52, 98, 72, down(WHITE, (224, 232, 240)), round=9)
    c.rect(-102, 70, 102, 86, across(lighter(METAL, 0.4), METAL, lighter(METAL, 0.5), darker(METAL, 0.14)), round=6)
    c.polygon(
        [(-20, 86), (20, 86), (12, 176), (0, 188), (-12, 176)], across(lighter(METAL, 0.4), METAL, darker(METAL, 0.2))
    )
    c.line([(-102, 94), (102, 94)], see_through(accent, 160), 5)


def cruciate(c: Canvas, accent: Colour) -> None:
    knee(c, accent)
    tube(c, [(-34, 4), (-4, 40), (30, 78)], accent, 26)
    tube(c, [(38, 0), (6, 40), (-26, 72)], lighter(accent, 0.45), 22)
    for side in (-1, 1):
        c.line(smooth([(side * 104, -40), (side * 112, 40), (side * 92, 120)]), (250, 250, 252), 13)
    for x, y in ((-46, -14), (44, 96)):
        c.circle(x, y, 12, METAL)
        c.circle(x, y, 6, WHITE)


def hip(c: Canvas, accent: Colour) -> None:
    c.polygon(
        smooth([(-240, -330), (-236, -60), (-190, 60), (-170, 280), (40, 280), (130, 120), (200, -40), (240, -330)]),
        (250, 214, 196, 220),
    )
    pelvis = smooth([(230, -196), (140, -216), (40, -184), (-30, -120), (-64, -50), (-42, 26), (10, 50), (60, 30),
           (110, 90), (190, 120), (222, 80),
                     (160, 40), (140, -20), (200, -100)], closed=True)  # fmt: skip
    solid(c, pelvis, BONE, depth=14)
    c.ellipse(98, 66, 34, 26, darker(BONE, 0.24))
    thigh = smooth(
        [
            (-190, -6),
            (-150, -40),
            (-110, -22),
            (-76, -36),
            (-60, 6),
            (-96, 40),
            (-104, 120),
            (-96, 280),
            (-176, 280),
            (-182, 120),
            (-200, 40),
        ],
        closed=True,
    )
    solid(c, thigh, BONE, depth=12)
    c.polygon(
        [(-160, 20), (-118, -10), (-116, 60), (-132, 220), (-148, 220)],
        across(lighter(METAL, 0.5), METAL, darker(METAL, 0.12)),
    )
    tube(c, [(-136, 10), (-80, -24), (-30, -50)], METAL, 30)
    c.circle(-16, -50, 62, darker(METAL, 0.16))
    c.circle(-16, -50, 56, across(lighter(METAL, 0.3), METAL))
    c.line(arc(-16, -50, 66, 66, 200, 400, 30), mix(accent, WHITE, 0.1), 15)
    solid(c, oval(-20, -52, 44, 44), (250, 250, 252), depth=10)


def spine(c: Canvas, accent: Colour) -> None:
    """Six bones of the back, one disc of them treated."""
    places = [(-8, -210), (10, -134), (22, -56), (22, 24), (8, 104), (-16, 182)]
    tube(c, [(-64, -250), (-42, -130), (-30, -10), (-44, 110), (-76, 230)], (250, 212, 120), 18)
    for number, (x, y) in enumerate(places):
        wide = 62 + number * 4
        with c.at(x, y, angle=(number - 2.4) * -6):
            tube(c, [(-wide + 14, 4), (-wide - 34, 12), (-wide - 76, 30)], BONE, 24)
            if number < 5:
                disc = accent if number == 3 else CARTILAGE
                c.polygon(rounded(-wide + 8, 26, wide - 2, 50, 12), disc)
                if number == 3:
                    c.ellipse(-wide + 6, 38, 22, 13, accent)
            solid(
                c,
                smooth(
                    [
                        (-wide, -24),
                        (0, -20),
                        (wide, -24),
                        (wide - 8, 2),
                        (wide, 28),
                        (0, 24),
                        (-wide, 28),
                        (-wide + 8, 2),
                    ],
                    closed=True,
                ),
                BONE,
                depth=8,
            )
    target(c, 30, 66, accent, radius=60)


def marrow(c: Canvas, accent: Colour) -> None:
    """A long bone, open in the middle, with young blood cells."""
    with c.at(0, 0, angle=-36):
        outline = smooth([(-60, -190), (-20, -210), (0, -190), (24, -212), (64, -188), (58, -140), (38, -100), (38,
               100), (58, 140), (64, 188), (24, 212),
                          (0, 190), (-20, 210), (-62, 188), (-58, 140), (-38, 100), (-38, -100), (-58, -140)],
                          closed=True)  # fmt: skip
        solid(c, outline, BONE, depth=12)
        c.rect(-22, -96, 22, 96, down((238, 140, 140), (214, 92, 100)), round=22)
        for x, y, radius in ((-6, -70, 10), (8, -40, 11), (-8, -10, 12), (8, 24, 10), (-6, 56, 11)):
            c.circle(x, y, radius, (250, 196, 190))
            c.circle(x, y, radius * 0.45, (206, 82, 96))
    for x, y, radius, tone in ((150, 60, 42, (224, 92, 96)), (190, -40, 30, (224, 92, 96)), (120, 150, 30, (250, 240,
           230)), (-170, -90, 36, (250, 240, 230)),
                               (-140, 20, 26, (224, 92, 96)), (-190, 100, 22, (224, 92, 96))):  # fmt: skip
        solid(c, oval(x, y, radius, radius * 0.92), tone, depth=7)
        c.ellipse(x, y, radius * 0.42, radius * 0.36, see_through(accent if tone[2] > 200 else darker(tone, 0.3), 190))
