"""Hair and what is worn on it, about the same point as the face.

A style is drawn in two parts: what is behind the head and neck, and what lies on the head.
"""

from collections.abc import Callable

from .canvas import Canvas, Colour, Point, smooth, symmetrical
from .faces import Features, glint
from .palette import darker, lighter, mix, see_through

Part = Callable[[Canvas, Features], None]


def _nothing(c: Canvas, features: Features) -> None:
    """This style has no such part."""


def _curve(*points: tuple[float, float], steps: int = 8) -> list[Point]:
    return smooth(points, steps=steps)


# --- short ------------------------------------------------------------------------------------------------------------


def _side_part(c: Canvas, features: Features) -> None:
    outer = _curve((-110, 12), (-117, -60), (-104, -140), (-56, -188), (20, -200), (86, -172), (114, -104), (112, 12))
    inner = _curve((101, 4), (95, -62), (74, -98), (24, -112), (-42, -122))
    left = _curve((-42, -122), (-78, -104), (-94, -62), (-101, 4))
    c.polygon([*outer, *inner, *left], features.hair)
    c.line(_curve((-42, -122), (-34, -160), (-4, -188)), darker(features.hair, 0.4), 3)
    c.line(_curve((-10, -134), (40, -132), (82, -112)), see_through(glint(features.hair), 130), 8)


def _swept(c: Canvas, features: Features) -> None:
    outer = _curve(
        (-109, 14), (-116, -56), (-112, -122), (-82, -182), (-20, -216), (52, -208), (100, -166), (117, -96), (110, 14)
    )
    inner = _curve((100, 4), (96, -60), (84, -100), (40, -128), (-20, -126), (-66, -112), (-90, -72), (-100, 4))
    c.polygon([*outer, *inner], features.hair)
    for x in (-44, -4, 36):
        c.line(_curve((x - 26, -126), (x - 8, -168), (x + 40, -192)), see_through(darker(features.hair, 0.3), 120), 3.4)
    c.line(_curve((-66, -140), (-46, -176), (-4, -198)), see_through(glint(features.hair), 140), 7)


def _cropped(c: Canvas, features: Features) -> None:
    outer = _curve(
        (-108, 2), (-112, -70), (-94, -142), (-46, -180), (0, -186), (46, -180), (94, -142), (112, -70), (108, 2)
    )
    inner = _curve(
        (100, -6), (94, -66), (78, -108), (38, -124), (0, -122), (-38, -124), (-78, -108), (-94, -66), (-100, -6)
    )
    c.polygon([*outer, *inner], features.hair)


def _curls(c: Canvas, features: Features) -> None:
    rounds = [(-103, -32, 16), (103, -32, 16), (-98, -66, 24), (-96, -108, 29), (-74, -148, 34), (-36, -172, 37), (6,
           -180, 38), (46, -170, 37), (80, -142, 33),
              (98, -104, 29), (99, -62, 24), (-54, -128, 28), (-14, -136, 30), (28, -134, 30), (62, -120,
              26)]  # fmt: skip
    for x, y, radius in rounds:
        c.circle(x, y, radius, features.hair)
    for x, y, radius in rounds[1::2]:
        c.line(_curve((x - radius * 0.4, y), (x, y - radius * 0.5), (x + radius * 0.45, y - radius * 0.1)),
               see_through(glint(features.hair), 120), 4)  # fmt: skip


def _thinning(c: Canvas, features: Features) -> None:
    for side in (-1, 1):
        outer = _curve((side * 110, 22), (side * 119, -40), (side * 108, -98), (side * 84, -124))
        inner = _curve((side * 84, -124), (side * 92, -84), (side * 97, -40), (side * 100, 14))
        c.polygon([*outer, *inner], features.hair)
    c.line(_curve((-52, -136), (-20, -152), (16, -154)), (255, 255, 255, 50), 10)


# --- long -------------------------------------------------------------------------------------------------------------


def _long_back(c: Canvas, features: Features) -> None:
    half = _curve((0, -196), (78, -180), (126, -110), (130, 0), (136, 130), (158, 262), (96, 300), (0, 300))
    c.polygon(symmetrical(half), darker(features.hair, 0.22))


def _long_front(c: Canvas, features: Features) -> None:
    """Parted a little off the middle, falling beside the face to the chest."""
    left = [*_curve((-18, -196), (-86, -176), (-124, -104), (-130, 0), (-134, 120), (-152, 250)),
            *_curve((-92, 286), (-104, 150), (-104, 40), (-98, -44), (-66, -104), (-18, -138))]  # fmt: skip
    right = [*_curve((-18, -196), (76, -186), (122, -110), (130, 0), (134, 120), (150, 250)),
             *_curve((94, 286), (104, 150), (104, 40), (100, -40), (66, -94), (-18, -138))]  # fmt: skip
    c.polygon(right, features.hair)
    c.polygon(left, features.hair)
    c.line(_curve((-18, -194), (-20, -166), (-18, -140)), darker(features.hair, 0.4), 3)
    for side, x in ((-1, -20), (1, -10)):
        c.line(_curve((x + side * 44, -166), (side * 102, -110), (side * 114, -20), (side * 118, 90)),
               see_through(glint(features.hair), 150), 7)  # fmt: skip


def _bob_back(c: Canvas, features: Features) -> None:
    half = _curve((0, -194), (80, -178), (128, -104), (132, 0), (138, 100), (122, 150), (0, 152))
    c.polygon(symmetrical(half), darker(features.hair, 0.22))


def _bob_front(c: Canvas, features: Features) -> None:
    """To the chin, with a fringe to one side."""
    outer = _curve(
        (-122, 148),
        (-138, 96),
        (-132, 0),
        (-126, -100),
        (-80, -178),
        (0, -196),
        (80, -178),
        (126, -100),
        (132, 0),
        (138, 96),
        (122, 148),
    )
    inner = _curve((94, 144), (106, 70), (103, 0), (92, -66), (30, -86), (-30, -104), (-70, -122))
    left = _curve((-70, -122), (-94, -60), (-104, 0), (-106, 70), (-94, 144))
    c.polygon([*outer, *inner, *left], features.hair)
    c.line(_curve((-52, -156), (20, -150), (80, -116)), see_through(glint(features.hair), 150), 8)


def _bun_back(c: Canvas, features: Features) -> None:
    c.circle(0, -208, 54, darker(features.hair, 0.16))
    c.line(_curve((-34, -220), (0, -238), (34, -220)), see_through(glint(features.hair), 150), 6)


def _tied_front(c: Canvas, features: Features) -> None:
    """Combed back from the face."""
    outer = _curve(
        (-108, 10), (-118, -60), (-106, -136), (-60, -184), (0, -196), (60, -184), (106, -136), (118, -60), (108, 10)
    )
    inner = _curve(
        (100, -2), (96, -58), (70, -106), (24, -130), (0, -133), (-24, -130), (-70, -106), (-96, -58), (-100, -2)
    )
    c.polygon([*outer, *inner], features.hair)
    for x in (-58, -22, 22, 58):
        c.line(_curve((x, -118), (x * 0.74, -150), (x * 0.3, -186)), see_through(darker(features.hair, 0.35), 110), 3)


def _tail_back(c: Canvas, features: Features) -> None:
    c.polygon([*_curve((60, -150), (150, -130), (172, -20), (158, 110), (176, 226)),
               *_curve((176, 226), (124, 170), (112, 60), (96, -40), (60, -150))], darker(features.hair,
               0.14))  # fmt: skip


def _wavy_back(c: Canvas, features: Features) -> None:
    half = _curve(
        (0, -198),
        (84, -182),
        (136, -116),
        (134, -30),
        (152, 40),
        (142, 110),
        (166, 176),
        (140, 232),
        (60, 236),
        (0, 230),
    )
    c.polygon(symmetrical(half), darker(features.hair, 0.2))


def _wavy_front(c: Canvas, features: Features) -> None:
    for side in (-1, 1):
        outer = _curve((0, -199), (side * 84, -182), (side * 134, -112), (side * 130, -30), (side * 150, 40),
               (side * 140, 104),
                       (side * 164, 170), (side * 136, 226))  # fmt: skip
        inner = _curve((side * 108, 214), (side * 118, 160), (side * 100, 100), (side * 112, 40), (side * 98, -30),
                       (side * 76, -92), (0, -146))  # fmt: skip
        c.polygon([*outer, *inner], features.hair)
        c.line(_curve((side * 50, -166), (side * 108, -110), (side * 116, -34), (side * 130, 40), (side * 122, 110)),
               see_through(glint(features.hair), 140), 7)  # fmt: skip


# --- worn -------------------------------------------------------------------------------------------------------------

CLOTHS: tuple[Colour, ...] = (
    (70, 110, 136),
    (190, 132, 140),
    (98, 128, 112),
    (206, 182, 152),
    (88, 84, 118),
    (56, 72, 92),
    (178, 148, 176),
)


def headscarf_opening() -> list[Point]:
    return symmetrical(_curve((0, -122), (52, -112), (86, -64), (92, 0), (84, 64), (58, 122), (24, 152), (0, 160)))


def headscarf(c: Canvas, cloth: Colour) -> None:
    """The cloth round head, neck and shoulders; the face is drawn within its opening afterwards."""
    half = _curve(
        (0, -190),
        (66, -178),
        (114, -124),
        (126, -40),
        (122, 50),
        (112, 120),
        (128, 180),
        (176, 236),
        (150, 300),
        (0, 330),
    )
    c.polygon(symmetrical(half), cloth)
    c.polygon([*_curve((0, -190), (66, -178), (114, -124), (126, -40), (122, 50), (112, 120), (128, 180), (176, 236),
           (150, 300)),
               *_curve((60, 320), (84, 220), (92, 120), (106, 20), (98, -70), (60, -140), (0, -190))], darker(cloth,
               0.14))  # fmt: skip
    for points in (((-118, -30), (-104, 60), (-84, 130), (-30, 190)), ((-124, 180), (-70, 214), (0, 226), (84, 200)),
                   ((-150, 236), (-80, 262), (0, 268), (90, 246)), ((-88, -146), (-44, -168), (10, -172))):  # fmt: skip
        c.line(_curve(*points), see_through(darker(cloth, 0.4), 100), 4)
    c.line(_curve((-108, -70), (-84, -124), (-36, -152)), see_through(lighter(cloth, 0.4), 130), 7)


def headscarf_rim(c: Canvas, cloth: Colour) -> None:
    opening = headscarf_opening()
    c.line([*opening, opening[0]], darker(cloth, 0.2), 5)


def turban(c: Canvas, cloth: Colour) -> None:
    outer = _curve(
        (-110, -18), (-132, -92), (-112, -172), (-58, -224), (0, -238), (58, -224), (112, -172), (132, -92), (110, -18)
    )
    inner = _curve((104, -34), (66, -84), (0, -124), (-66, -84), (-104, -34))
    c.polygon([*_curve((40, -90), (0, -116), (-40, -90)), (0, -140)], mix(cloth, (250, 226, 180), 0.55))
    c.polygon([*outer, *inner], cloth)
    for number in range(5):
        lift = number * 26
        c.line(_curve((-116 + number * 5, -62 - lift), (-56, -106 - lift * 0.9), (10 + number * 4, -128 - lift * 0.84)),
               see_through(darker(cloth, 0.5), 120), 4)  # fmt: skip
        c.line(_curve((116 - number * 5, -62 - lift), (66, -102 - lift * 0.92), (10 + number * 4, -128 - lift * 0.84)),
               see_through(darker(cloth, 0.35), 90), 4)  # fmt: skip


def theatre_cap(c: Canvas, cloth: Colour) -> None:
    outer = _curve((-110, -40), (-122, -110), (-88, -182), (0, -206), (88, -182), (122, -110), (110, -40))
    inner = _curve((110, -40), (66, -76), (0, -88), (-66, -76), (-110, -40))
    c.polygon([*outer, *inner], cloth)
    band = [
        *_curve((-112, -52), (-66, -92), (0, -104), (66, -92), (112, -52)),
        *_curve((110, -36), (66, -74), (0, -86), (-66, -74), (-110, -36)),
    ]
    c.polygon(band, darker(cloth, 0.14))
    c.line(_curve((-80, -150), (-46, -174), (0, -184)), see_through(lighter(cloth, 0.4), 120), 7)


#: Behind the head, and on it.
SHORT: tuple[tuple[Part, Part], ...] = tuple((_nothing, front) for front in (_side_part, _swept, _cropped, _curls))
THIN: tuple[Part, Part] = (_nothing, _thinning)
LONG: tuple[tuple[Part, Part], ...] = (
    (_long_back, _long_front), (_bob_back, _bob_front), (_bun_back, _tied_front), (_tail_back, _tied_front),
    (_wavy_back, _wavy_front),
)  # fmt: skip
