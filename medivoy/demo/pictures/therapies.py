"""What is done and used: ribbons, drips, beams, checks, and figures that move. About (0, 0), some 380 high."""

from . import heads, marks
from .canvas import Canvas, Colour, across, arc, down, oval, rounded, smooth, symmetrical
from .organs import lens, solid, target
from .palette import INK, SUN, WHITE, darker, lighter, mix, see_through

SKIN: Colour = (232, 178, 142)
STEEL: Colour = (190, 202, 214)


def ribbon(c: Canvas, accent: Colour, *, tone: Colour | None = None) -> None:
    tone = tone or accent
    right = [(-40, -170), (30, -190), (60, -130), (10, -20), (-90, 130), (-120, 190)]
    left = [(40, -170), (-30, -190), (-60, -130), (-10, -20), (90, 130), (120, 190)]
    c.line(smooth(left), darker(tone, 0.18), 58)
    c.line(smooth([(-62, -140), (0, -200), (62, -140)]), lighter(tone, 0.1), 50)
    c.line(smooth(right), tone, 58)
    c.line(smooth([(34, -120), (-6, -40), (-86, 90)]), (255, 255, 255, 90), 9)


def breast_care(c: Canvas, accent: Colour) -> None:
    ribbon(c, accent, tone=(240, 120, 156))
    for x, y, size in ((150, 100, 0.5), (-160, -60, 0.36)):
        with c.at(x, y, scale=size):
            for number in range(6):
                with c.at(0, 0, angle=60 * number):
                    c.polygon(
                        [(px, py - 20) for px, py in marks.leaf_outline(120, 80)],
                        (250, 196, 210) if number % 2 else (246, 170, 192),
                    )
            c.circle(0, 0, 34, SUN)


def drip_bag(c: Canvas, accent: Colour) -> None:
    c.line([(0, -226), (0, -190)], STEEL, 10)
    c.line(arc(0, -226, 24, 20, 180, 360, 10), STEEL, 10)
    bag = rounded(-104, -190, 104, 90, 46)
    c.polygon(bag, (236, 246, 250))
    with c.within(bag):
        c.polygon(
            [*smooth([(-120, -80), (-50, -96), (40, -70), (120, -88)]), (120, 110), (-120, 110)],
            down(lighter(accent, 0.4), accent),
        )
        c.rect(-84, -176, -62, 80, (255, 255, 255, 90), round=10)
        for row in range(6):
            c.line([(60, -120 + row * 32), (88, -120 + row * 32)], (255, 255, 255, 210), 6)
    c.rect(-34, 84, 34, 108, STEEL, round=8)
    c.rect(-19, 104, 19, 160, (220, 240, 246, 230), round=9)
    c.circle(0, 124, 7, accent)
    c.line(smooth([(0, 160), (4, 200), (70, 216), (150, 180), (200, 200)]), lighter(accent, 0.4), 9)
    c.polygon(marks.heart_outline(0.42, 0, -10), WHITE)


def beams(c: Canvas, accent: Colour) -> None:
    """Rays from several sides that meet in one spot."""
    with c.at(30, 0):
        heads.profile(c, accent, hair=mix(accent, WHITE, 0.5))
    for angle in (-158, -118, -72, -30, 8):
        with c.at(24, -92, angle=angle + 90):
            c.polygon([(-30, -250), (30, -250), (9, 0), (-9, 0)], see_through(lighter(accent, 0.3), 130))
            c.rect(-44, -278, 44, -250, darker(accent, 0.1), round=8)
    target(c, 24, -92, accent, radius=50)


def microscope(c: Canvas, accent: Colour) -> None:
    c.rect(-140, 170, 130, 206, down(lighter(accent, 0.1), darker(accent, 0.2)), round=16)
    c.line(arc(-20, 40, 140, 140, -70, 70, 30), accent, 38)
    c.line(arc(-28, 36, 140, 140, -60, 20, 30), (255, 255, 255, 70), 8)
    with c.at(-20, -60, angle=-18):
        c.rect(-34, -170, 34, 40, across(lighter(STEEL, 0.5), STEEL, darker(STEEL, 0.1)), round=10)
        c.rect(-44, -120, 44, -76, accent, round=8)
        c.rect(-24, -212, 24, -166, INK, round=8)
        c.rect(-22, 40, 22, 84, darker(STEEL, 0.2), round=6)
    c.rect(-130, 92, 60, 112, darker(STEEL, 0.3), round=8)
    c.rect(-96, 82, 30, 92, (200, 236, 244), round=3)
    c.circle(-30, 86, 10, (236, 110, 130))
    c.circle(108, 60, 28, darker(accent, 0.2))
    c.circle(108, 60, 16, lighter(accent, 0.3))
    lens(c, -190, -120, 66, (252, 236, 240))
    for x, y, radius in ((-212, -136, 22), (-170, -146, 18), (-184, -96, 24), (-220, -92, 15)):
        c.circle(x, y, radius, (246, 176, 190))
        c.circle(x + 2, y + 2, radius * 0.42, (156, 92, 160))


# --- check and recovery -----------------------------------------------------------------------------------------------


def clipboard(c: Canvas, accent: Colour) -> None:
    c.rect(-134, -180, 146, 212, (40, 50, 80, 40), round=22)
    c.rect(-144, -190, 136, 202, down(lighter(accent, 0.1), darker(accent, 0.1)), round=22)
    c.rect(-118, -156, 110, 178, WHITE, round=8)
    c.rect(-64, -214, 56, -160, STEEL, round=16)
    c.circle(-4, -200, 13, WHITE)
    for row in range(4):
        y = -104 + row * 70
        c.rect(-92, y - 20, -52, y + 20, lighter(accent, 0.75), round=9)
        if row < 3:
            c.line([(-84, y), (-75, y + 10), (-60, y - 11)], accent, 7)
        c.line([(-28, y - 8), (80, y - 8)], (202, 212, 222), 11)
        c.line([(-28, y + 14), (40, y + 14)], (226, 232, 238), 11)


def _stethoscope(c: Canvas, tube: Colour) -> None:
    c.line(smooth([(40, -150), (36, -60), (90, 20), (150, -40), (150, -140)]), tube, 16)
    c.line(smooth([(92, 18), (96, 110), (160, 170), (216, 110)]), tube, 16)
    for x in (40, 150):
        c.line([(x, -150), (x + (10 if x < 90 else -10), -176)], STEEL, 11)
    c.circle(216, 90, 42, darker(STEEL, 0.14))
    c.circle(216, 90, 31, lighter(STEEL, 0.5))
    c.circle(206, 80, 10, WHITE)


def check_up(c: Canvas, accent: Colour) -> None:
    with c.at(-60, 0):
        clipboard(c, accent)
    with c.at(10, 20):
        _stethoscope(c, INK)


def heart_check(c: Canvas, accent: Colour) -> None:
    with c.at(-30, -10, scale=1.25):
        solid(c, marks.heart_outline(1.6), (232, 98, 102), depth=18)
        c.line(smooth([(-110, -70), (-128, -30), (-110, 30)]), (255, 255, 255, 120), 14)
        c.line([(-190, 10), (-80, 10), (-54, -40), (-14, 70), (22, -20), (40, 10), (190, 10)], WHITE, 14)
    with c.at(50, 60, scale=0.9):
        _stethoscope(c, INK)


def _limb(c: Canvas, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
    c.line(points, colour, width)


def walking(c: Canvas, accent: Colour) -> None:
    """Somebody who walks again between two bars."""
    for y in (40,):
        c.rect(-250, y, 250, y + 15, darker(STEEL, 0.1), round=7)
        for x in (-210, 210):
            c.rect(x - 7, y, x + 7, 216, STEEL, round=5)
    _limb(c, [(10, 40), (-50, 110), (-100, 200)], darker(INK, 0.1), 42)
    c.line([(-100, 206), (-132, 206)], (240, 240, 244), 24)
    _limb(c, [(-46, -84), (-100, -20), (-112, 36)], darker(SKIN, 0.12), 26)
    _limb(c, [(10, 40), (64, 110), (72, 200)], (70, 84, 112), 42)
    c.line([(72, 206), (102, 206)], (240, 240, 244), 24)
    c.polygon(smooth([(-50, -108), (0, -120), (42, -104), (44, 0), (40, 60), (-30, 60), (-40, 0)], closed=True), accent)
    _limb(c, [(28, -88), (74, -30), (118, 34)], SKIN, 26)
    _limb(c, [(28, -90), (50, -60)], darker(accent, 0.12), 36)
    c.rect(-16, -140, 14, -108, darker(SKIN, 0.12))
    c.circle(2, -168, 42, SKIN)
    c.polygon(
        smooth([(-42, -160), (-40, -206), (4, -220), (44, -196), (36, -182), (0, -188), (-24, -160)], closed=True),
        (150, 146, 150),
    )
    c.line(arc(22, -156, 9, 6, 20, 150, 8), (150, 70, 60), 4)
    c.circle(24, -172, 4, (60, 46, 46))


def exercise(c: Canvas, accent: Colour) -> None:
    """A bent knee over a ball, with a rubber band."""
    c.rect(-250, 186, 250, 206, lighter(accent, 0.3), round=10)
    solid(c, oval(120, 100, 92, 92), mix(accent, WHITE, 0.2), depth=16)
    c.line(arc(120, 100, 62, 62, 200, 260, 12), (255, 255, 255, 140), 11)
    _limb(c, [(-90, 150), (10, 20), (130, 0)], (70, 84, 112), 50)
    c.line([(140, -6), (150, -44)], (240, 240, 244), 28)
    c.polygon(smooth([(-230, 110), (-180, 92), (-90, 110), (-70, 176), (-150, 186), (-236, 176)], closed=True), accent)
    c.circle(-214, 74, 40, SKIN)
    c.polygon(
        smooth([(-252, 80), (-256, 40), (-220, 26), (-186, 42), (-214, 58), (-230, 90)], closed=True), (74, 54, 48)
    )
    _limb(c, [(-150, 120), (-80, 60), (-10, 40)], SKIN, 24)
    target(c, 10, 14, SUN, radius=46)


def lotus(c: Canvas, accent: Colour) -> None:
    """Somebody at ease, sitting with closed eyes."""
    c.circle(0, -40, 196, see_through(WHITE, 130))
    half = smooth([(0, 96), (60, 84), (130, 110), (190, 150), (170, 190), (80, 196), (0, 180)])
    c.polygon(symmetrical(half), (70, 84, 112))
    c.polygon(symmetrical(smooth([(0, -92), (40, -88), (66, -66), (58, 20), (62, 120), (0, 126)])), accent)
    for side in (-1, 1):
        _limb(
            c, [(side * 54, -62), (side * 104, 20), (side * 130, 98)], darker(accent, 0.12) if side > 0 else accent, 30
        )
        c.circle(side * 132, 108, 17, SKIN)
    c.rect(-15, -124, 15, -84, darker(SKIN, 0.12))
    c.circle(0, -152, 46, SKIN)
    c.polygon(symmetrical(smooth([(0, -206), (38, -196), (54, -150), (44, -140), (30, -176), (0, -182)])), (74, 54, 48))
    c.circle(0, -212, 24, (74, 54, 48))
    for side in (-1, 1):
        c.line(arc(side * 17, -152, 9, 6, 10, 170, 8), (60, 44, 44), 4)
    c.line(arc(0, -134, 11, 7, 20, 160, 8), (190, 84, 80), 4)


def running(c: Canvas, accent: Colour) -> None:
    for y, start in ((-60, -260), (30, -240), (110, -280)):
        c.line([(start, y), (start + 90, y)], see_through(WHITE, 200), 10)
    _limb(c, [(-10, 40), (-76, 90), (-160, 70)], (54, 66, 92), 40)
    c.line([(-166, 66), (-176, 36)], (246, 246, 248), 24)
    _limb(c, [(-6, -70), (-70, -50), (-84, 14)], darker(SKIN, 0.12), 25)
    _limb(c, [(-6, 40), (72, 70), (60, 176)], (70, 84, 112), 42)
    c.line([(60, 184), (98, 178)], (246, 246, 248), 26)
    with c.at(10, -26, angle=14):
        c.polygon(
            smooth([(-40, -84), (0, -94), (38, -80), (40, 20), (34, 84), (-32, 84), (-38, 20)], closed=True), accent
        )
    _limb(c, [(46, -84), (94, -30), (154, -60)], SKIN, 25)
    c.rect(26, -142, 54, -104, darker(SKIN, 0.12))
    c.circle(52, -166, 42, SKIN)
    c.polygon(
        smooth([(8, -160), (14, -206), (56, -218), (94, -190), (60, -186), (30, -156)], closed=True), (66, 48, 44)
    )
    c.rect(12, -190, 96, -178, lighter(accent, 0.2), round=5)
    c.line(arc(72, -152, 9, 6, 20, 150, 8), (150, 70, 60), 4)
    target(c, 72, 74, SUN, radius=40)


def torso(c: Canvas, accent: Colour) -> None:
    """A body's outline with drawn lines, decent and calm."""
    half = smooth(
        [
            (0, -196),
            (26, -190),
            (34, -140),
            (110, -112),
            (128, -40),
            (104, 10),
            (84, 60),
            (104, 130),
            (124, 220),
            (0, 224),
        ]
    )
    solid(c, symmetrical(half), SKIN, depth=14)
    top = symmetrical(smooth([(0, -52), (40, -66), (100, -76), (112, -30), (84, 14), (40, 20), (0, 4)]))
    c.polygon(top, mix(accent, WHITE, 0.2))
    c.polygon(symmetrical(smooth([(0, 150), (60, 152), (112, 164), (124, 222), (0, 224)])), mix(accent, WHITE, 0.2))
    for side in (-1, 1):
        c.line([(side * 84, -72), (side * 62, -118)], mix(accent, WHITE, 0.2), 11)
    c.circle(0, 116, 5, darker(SKIN, 0.3))


def contour(c: Canvas, accent: Colour) -> None:
    torso(c, accent)
    for side in (-1, 1):
        points = smooth([(side * 96, 30), (side * 70, 66), (side * 84, 110), (side * 108, 150)], steps=6)
        for first, second in zip(points[::3], points[1::3], strict=False):
            c.line([first, second], WHITE, 8)
        c.line(smooth([(side * 190, 66), (side * 150, 70), (side * 122, 74)]), accent, 9)
        c.polygon([(side * 104, 75), (side * 130, 58), (side * 130, 92)], accent)


def curve(c: Canvas, accent: Colour) -> None:
    torso(c, accent)
    heads.sparkle(c, 150, -120, 44, SUN)
    heads.sparkle(c, -160, -70, 28, SUN)
    for side in (-1, 1):
        points = arc(side * 56, -30, 64, 58, 10 if side > 0 else 60, 120 if side > 0 else 170, 12)
        for first, second in zip(points[::3], points[1::3], strict=False):
            c.line([first, second], WHITE, 8)
