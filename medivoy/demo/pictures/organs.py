"""Organs as calm, rounded shapes about (0, 0), some 360 high. Each takes the accent for what a treatment does there."""

from collections.abc import Sequence

from .canvas import Canvas, Colour, Point, arc, down, oval, rounded, smooth, symmetrical
from .palette import SUN, WHITE, darker, lighter, mix, see_through

RED: Colour = (222, 92, 92)
BLUE: Colour = (94, 138, 206)
ROSE: Colour = (240, 156, 156)
STEEL: Colour = (190, 202, 214)


def solid(c: Canvas, outline: Sequence[Point], colour: Colour, *, depth: float = 16) -> None:
    """A shape lit from the upper left: a shaded rim on the far side, a glance on the near one."""
    c.polygon(outline, darker(colour, 0.2))
    with c.within(outline):
        c.polygon([(x - depth, y - depth * 0.8) for x, y in outline], down(lighter(colour, 0.16), colour))


def glance(c: Canvas, points: Sequence[Point], width: float = 12) -> None:
    c.line(smooth(points), (255, 255, 255, 110), width)


def tube(c: Canvas, points: Sequence[Point], colour: Colour, width: float) -> None:
    """A vessel: round, with light along it."""
    curve = smooth(points)
    c.line(curve, darker(colour, 0.2), width)
    c.line([(x - width * 0.1, y - width * 0.08) for x, y in curve], colour, width * 0.72)
    c.line([(x - width * 0.2, y - width * 0.16) for x, y in curve], see_through(WHITE, 80), width * 0.16)


def _heart_outline() -> list[Point]:
    points = [(-6, -104), (60, -128), (128, -92), (150, -16), (122, 70), (56, 142), (-6, 186), (-58, 160), (-122, 86),
              (-150, 2), (-130, -78), (-70, -116)]  # fmt: skip
    return smooth(points, closed=True)


def heart(c: Canvas, accent: Colour) -> None:
    tube(c, [(-62, -60), (-70, -140), (-66, -196)], BLUE, 44)
    tube(c, [(92, -70), (118, -118), (160, -136)], mix(ROSE, RED, 0.3), 36)
    tube(c, [(4, -60), (0, -150), (48, -202), (104, -168), (108, -112)], RED, 52)
    for x, y in ((18, -190), (50, -206), (82, -196)):
        tube(c, [(x, y), (x + (x - 50) * 0.24, y - 44)], RED, 22)
    tube(c, [(60, -40), (20, -104), (-30, -142), (-110, -150)], BLUE, 40)
    solid(c, _heart_outline(), (226, 96, 100), depth=20)
    with c.within(_heart_outline()):
        c.blob([(-160, -100), (-64, -90), (-20, -10), (-30, 90), (-64, 170), (-180, 120)], (160, 60, 84, 70))
    for points in (((28, -104), (34, -30), (10, 50), (-10, 150)), ((30, -20), (74, 10), (96, 64)), ((20, 30), (52,
           62), (60, 108)),
                   ((-34, -108), (-82, -50), (-92, 20), (-70, 86))):  # fmt: skip
        c.line(smooth(points), (250, 190, 170), 8)
    glance(c, [(98, -82), (124, -36), (120, 16)])


def heartbeat(c: Canvas, accent: Colour) -> None:
    """A trace across the heart."""
    line = [(-260, 30), (-120, 30), (-96, -10), (-66, 92), (-26, -84), (14, 66), (34, 30), (260, 30)]
    c.line(line, WHITE, 20)
    c.line(line, accent, 11)


def lens(c: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """A round window in which something is shown larger."""
    c.soft(oval(x + 4, y + 10, radius + 6, radius + 6), (30, 40, 70, 110), 12)
    c.circle(x, y, radius + 10, WHITE)
    c.circle(x, y, radius, colour)


def stent(c: Canvas, accent: Colour) -> None:
    lens(c, 150, 96, 92, (252, 226, 220))
    with c.within(oval(150, 96, 92, 92)):
        tube(c, [(40, 130), (150, 96), (270, 60)], RED, 92)
        for number in range(7):
            x, y = 94 + number * 20, 112 - number * 6.2
            c.line([(x - 10, y - 26), (x + 12, y + 20), (x + 30, y - 32)], STEEL, 5)
            c.line([(x - 2, y + 26), (x + 20, y - 26)], lighter(STEEL, 0.4), 4)


def valve(c: Canvas, accent: Colour) -> None:
    lens(c, 150, 96, 92, (250, 238, 232))
    c.circle(150, 96, 72, accent)
    c.circle(150, 96, 58, (250, 242, 236))
    for number in range(3):
        with c.at(150, 96, angle=120 * number):
            c.polygon([*smooth([(0, -3), (30, -26), (50, -28)]), *arc(0, 0, 56, 56, -30, -150, 12), *smooth([(-50,
                   -28), (-30, -26), (0, -3)])],
                      mix(ROSE, WHITE, 0.35))  # fmt: skip
            c.line([(0, 0), (49, 28)], darker(ROSE, 0.1), 4)


def pacemaker(c: Canvas, accent: Colour) -> None:
    c.line(smooth([(168, -96), (110, -40), (40, -10), (16, 70), (20, 110)]), WHITE, 11)
    c.line(smooth([(168, -96), (110, -40), (40, -10), (16, 70), (20, 110)]), accent, 6)
    c.circle(20, 112, 9, SUN)
    c.polygon(rounded(146, -188, 250, -86, 40), darker(STEEL, 0.2))
    c.polygon(rounded(142, -194, 244, -94, 40), down(WHITE, STEEL))
    c.rect(160, -182, 214, -158, accent, round=10)
    c.line([(164, -126), (178, -126), (186, -142), (196, -110), (204, -126), (224, -126)], darker(STEEL, 0.4), 5)


def graft(c: Canvas, accent: Colour) -> None:
    """A bypass from the great vessel to the front of the heart."""
    for points in (((30, -160), (-40, -120), (-70, -30), (-50, 60)), ((84, -150), (120, -90), (108, -10), (70, 80))):
        tube(c, list(points), mix(SUN, (240, 160, 90), 0.3), 19)
    for x, y in ((-50, 62), (70, 82)):
        c.circle(x, y, 12, WHITE)
        c.circle(x, y, 7, accent)


def young(c: Canvas, accent: Colour) -> None:
    """A small heart under a patch in the shape of a star."""
    points = [arc(24, 20, 58, 58, -90 + 72 * n, -90 + 72 * n, 1)[0] if m == 0 else arc(24, 20, 27, 27, -54 + 72 * n,
           -54 + 72 * n, 1)[0]
              for n in range(5) for m in range(2)]  # fmt: skip
    c.line([*points, points[0]], WHITE, 14)
    c.polygon(points, SUN)


# --- others -----------------------------------------------------------------------------------------------------------


def brain(c: Canvas, accent: Colour) -> None:
    tone = (240, 170, 172)
    c.polygon(smooth([(30, 70), (66, 104), (74, 190), (40, 196), (20, 120)], closed=True), darker(tone, 0.16))
    solid(
        c,
        smooth([(40, 84), (100, 70), (146, 96), (130, 142), (74, 150), (40, 124)], closed=True),
        mix(tone, (206, 120, 140), 0.4),
        depth=8,
    )
    outline = smooth([(-190, 10), (-182, -70), (-126, -136), (-40, -166), (60, -160), (140, -116), (184, -40), (178,
           40), (120, 84),
                      (30, 92), (-40, 112), (-110, 100), (-160, 70)], closed=True)  # fmt: skip
    solid(c, outline, tone, depth=18)
    fold = darker(tone, 0.24)
    for points in (((-120, 70), (-60, 40), (10, 34), (90, 40), (150, 10)), ((-150, -20), (-100, -50), (-70, -20),
           (-30, -50)),
                   ((-110, -104), (-70, -80), (-76, -40)), ((-40, -160), (-16, -112), (-30, -70), (10, -40)),
                   ((20, -120), (64, -100), (60, -52), (100, -30)), ((90, -140), (120, -90), (164, -80)),
                   ((-170, 30), (-130, 34), (-100, 12)), ((30, 0), (60, -14), (80, 4)), ((-70, 84), (-30, 70), (0,
                   80))):  # fmt: skip
        c.line(smooth(points), fold, 9)
    glance(c, [(-150, -86), (-104, -126), (-50, -146)])


def target(c: Canvas, x: float, y: float, accent: Colour, *, radius: float = 46) -> None:
    """What is treated, found."""
    c.circle(x, y, radius, see_through(accent, 70))
    c.ring(x, y, radius, WHITE, 9)
    c.ring(x, y, radius, accent, 5)
    c.circle(x, y, radius * 0.34, accent)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        c.line(
            [(x + dx * radius * 0.8, y + dy * radius * 0.8), (x + dx * radius * 1.35, y + dy * radius * 1.35)],
            accent,
            5,
        )


def kidney(c: Canvas, accent: Colour) -> None:
    for side in (-1, 1):
        with c.at(side * 108, -30, mirrored=side > 0, angle=0):
            tube(c, [(36, 24), (72, 60), (88, 140), (84, 210)], (244, 208, 140), 24)
            tube(c, [(40, -6), (110, -16)], RED, 20)
            tube(c, [(44, 18), (110, 12)], BLUE, 20)
            outline = smooth([(30, -124), (-40, -134), (-96, -80), (-108, 4), (-86, 88), (-26, 132), (38, 116), (56,
                   64), (24, 26), (18, -14),
                              (52, -52), (58, -98)], closed=True)  # fmt: skip
            solid(c, outline, (206, 92, 90), depth=14)
            c.line(smooth([(-70, -60), (-78, 4), (-60, 70)]), (255, 255, 255, 90), 11)
    tube(c, [(-2, -190), (-2, 210)], RED, 30)


def transplant(c: Canvas, accent: Colour) -> None:
    """A kidney held by two hands."""
    with c.at(10, -60, scale=1.05):
        outline = smooth([(40, -118), (-30, -134), (-92, -84), (-106, 4), (-84, 90), (-24, 132), (44, 112), (66, 60),
               (30, 24), (24, -16),
                          (60, -50), (68, -94)], closed=True)  # fmt: skip
        tube(c, [(36, 10), (90, 30), (130, 20)], RED, 22)
        tube(c, [(36, 36), (84, 64), (130, 60)], (244, 208, 140), 20)
        solid(c, outline, (210, 94, 92), depth=16)
        c.line(smooth([(-66, -60), (-76, 4), (-58, 70)]), (255, 255, 255, 90), 12)
    for side, skin in ((-1, (232, 184, 148)), (1, (164, 112, 78))):
        with c.at(0, 60, mirrored=side > 0):
            c.polygon(smooth([(-222, 150), (-206, 40), (-180, -30), (-156, -30), (-154, 30), (-90, 70), (-16, 96),
                   (6, 116), (-20, 136),
                              (-100, 150), (-140, 196), (-220, 220)], closed=True), skin)  # fmt: skip
            c.line(smooth([(-110, 104), (-60, 112), (-12, 118)]), darker(skin, 0.18), 5)
            c.polygon([(-246, 142), (-140, 176), (-160, 240), (-270, 220)], accent if side < 0 else darker(accent, 0.2))


def urinary(c: Canvas, accent: Colour) -> None:
    with c.at(0, -30, scale=0.86):
        kidney(c, accent)
    solid(
        c,
        smooth(
            [(-70, 120), (-40, 104), (40, 104), (70, 120), (72, 180), (30, 224), (-30, 224), (-72, 180)], closed=True
        ),
        (246, 200, 150),
        depth=12,
    )
    c.polygon(
        smooth([(-56, 160), (0, 150), (56, 160), (54, 186), (26, 212), (-26, 212), (-54, 186)], closed=True),
        see_through(accent, 150),
    )


def stones(c: Canvas, accent: Colour) -> None:
    kidney(c, accent)
    for x, y, size in ((-150, -10, 17), (-120, 24, 12), (-138, 44, 9)):
        c.blob(
            [
                (x - size, y),
                (x - size * 0.3, y - size),
                (x + size, y - size * 0.4),
                (x + size * 0.7, y + size),
                (x - size * 0.5, y + size * 0.8),
            ],
            (250, 226, 160),
        )
    for radius in (52, 74, 96):
        c.line(arc(-140, 14, radius, radius, 150, 210, 12), see_through(accent, 200), 7)


def _stomach_outline() -> list[Point]:
    return smooth([(-6, -190), (34, -186), (40, -110), (88, -150), (152, -120), (168, -20), (136, 84), (52, 142),
           (-50, 146), (-112, 120),
                   (-166, 134), (-170, 84), (-120, 66), (-60, 80), (-10, 40), (10, -40), (0, -120)],
                   closed=True)  # fmt: skip


def stomach(c: Canvas, accent: Colour) -> None:
    solid(c, _stomach_outline(), (240, 150, 140), depth=18)
    for points in (
        ((60, -96), (96, -40), (84, 30)),
        ((30, -20), (50, 40), (20, 84)),
        ((112, -60), (124, 0), (106, 56)),
    ):
        c.line(smooth(points), (206, 104, 104), 7)
    glance(c, [(120, -116), (144, -70), (146, -16)])


def sleeve(c: Canvas, accent: Colour) -> None:
    stomach(c, accent)
    with c.within(_stomach_outline()):
        cut = smooth([(40, -160), (64, -80), (70, 0), (30, 80), (-40, 110)])
        c.polygon([*cut, (-40, 200), (240, 200), (240, -220), (40, -220)], (255, 255, 255, 120))
    for x, y in smooth([(40, -150), (64, -80), (70, 0), (30, 80), (-40, 112)], steps=6):
        c.line([(x - 8, y - 4), (x + 8, y + 4)], accent, 6)


def gastric_bypass(c: Canvas, accent: Colour) -> None:
    stomach(c, accent)
    c.line(smooth([(-20, -84), (30, -70), (84, -92)]), WHITE, 14)
    tube(c, [(20, -96), (-70, -60), (-130, 10), (-150, 110), (-120, 190)], (246, 190, 150), 38)
    c.line(smooth([(4, -110), (-84, -64), (-150, 10), (-176, 100)]), accent, 6)
    c.polygon([(-190, 92), (-176, 124), (-160, 94)], accent)


def band(c: Canvas, accent: Colour) -> None:
    stomach(c, accent)
    c.line(smooth([(-14, -86), (40, -66), (98, -96)]), darker(accent, 0.1), 30)
    c.line(smooth([(-12, -92), (40, -73), (94, -101)]), lighter(accent, 0.3), 10)
    c.line(smooth([(-14, -84), (-90, -40), (-150, -60), (-196, -20)]), lighter(accent, 0.1), 7)
    c.circle(-200, -16, 24, STEEL)
    c.circle(-200, -16, 12, WHITE)


def liver(c: Canvas, accent: Colour) -> None:
    """The liver with the gall bladder under it."""
    outline = smooth([(-200, -40), (-176, -120), (-90, -156), (20, -140), (120, -110), (210, -96), (176, -30), (90,
           20), (10, 50), (-60, 110),
                      (-150, 120), (-196, 60)], closed=True)  # fmt: skip
    tube(c, [(-10, 30), (30, 80), (34, 180)], (170, 190, 96), 22)
    solid(c, outline, (186, 88, 80), depth=18)
    c.line(smooth([(40, -136), (26, -60), (34, 36)]), darker((186, 88, 80), 0.22), 7)
    glance(c, [(-160, -66), (-136, -112), (-74, -134)])
    solid(
        c,
        smooth([(-30, 30), (4, 48), (6, 100), (-30, 148), (-66, 130), (-66, 76)], closed=True),
        (150, 188, 104),
        depth=10,
    )
    target(c, -30, 96, accent, radius=66)


def uterus(c: Canvas, accent: Colour) -> None:
    tone = (238, 152, 160)
    for side in (-1, 1):
        tube(c, [(side * 40, -90), (side * 110, -130), (side * 176, -110), (side * 190, -50)], tone, 28)
        for dx, dy in ((-22, 34), (0, 42), (22, 32)):
            c.line([(side * 190, -52), (side * 190 + dx, -52 + dy)], tone, 13)
        solid(c, oval(side * 140, -14, 42, 30), (250, 222, 196), depth=8)
        c.circle(side * 148, -12, 9, (244, 196, 150))
    half = smooth([(0, -118), (56, -112), (88, -70), (80, 0), (44, 70), (34, 120), (44, 186), (0, 190)])
    solid(c, symmetrical(half), tone, depth=16)
    c.polygon(symmetrical(smooth([(0, -74), (40, -70), (46, -40), (22, 20), (10, 90), (0, 96)])), darker(tone, 0.24))


def fibroid(c: Canvas, accent: Colour) -> None:
    uterus(c, accent)
    for x, y, radius in ((66, -40, 30), (-60, -84, 22), (-40, 36, 20)):
        solid(c, oval(x, y, radius, radius), (250, 206, 186), depth=7)
    target(c, 66, -40, accent, radius=42)


def thyroid(c: Canvas, accent: Colour) -> None:
    """The gland on the windpipe."""
    c.rect(-44, -200, 44, 210, down((232, 238, 244), (204, 216, 228)), round=20)
    for y in range(-180, 200, 34):
        c.rect(-44, y, 44, y + 19, (246, 249, 252), round=9)
    for side in (-1, 1):
        outline = smooth([(side * 10, 20), (side * 44, -20), (side * 78, -116), (side * 116, -126), (side * 140,
               -50), (side * 130, 40),
                          (side * 92, 94), (side * 50, 82), (side * 10, 66)], closed=True)  # fmt: skip
        solid(c, outline, (222, 108, 108), depth=12)
        glance(c, [(side * 104 - 10, -96), (side * 118 - 10, -40), (side * 110 - 10, 10)], 9)
    target(c, 84, 4, accent, radius=40)
