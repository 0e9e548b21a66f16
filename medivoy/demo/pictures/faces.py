"""A face from the front, friendly and calm, about (0, 0) between the eyes and the mouth; some 210 wide, 330 high."""

import random
from dataclasses import dataclass

from .canvas import Canvas, Colour, Point, arc, oval, rounded, smooth, symmetrical
from .palette import WHITE, darker, lighter, mix, see_through


@dataclass(frozen=True)
class Features:
    """What one person looks like."""

    skin: Colour
    hair: Colour
    iris: Colour
    woman: bool
    age: int
    glasses: Colour | None
    beard: str
    """Empty, "stubble", "short", "full" or "moustache"."""
    smile: str
    """"open" or "closed"."""


def outline(features: Features) -> list[Point]:
    if features.woman:
        half = [(0, -166), (62, -152), (98, -96), (104, -20), (94, 54), (66, 118), (28, 151), (0, 156)]
    else:
        half = [(0, -166), (66, -152), (102, -96), (107, -16), (101, 62), (78, 126), (36, 158), (0, 162)]
    return symmetrical(smooth([(float(x), float(y)) for x, y in half]))


def ears(c: Canvas, features: Features) -> None:
    for side in (-1, 1):
        c.ellipse(side * 106, 8, 17, 31, darker_skin(features.skin, 0.06))
        c.ellipse(side * 107, 8, 9, 19, darker_skin(features.skin, 0.18))


def darker_skin(skin: Colour, share: float) -> Colour:
    """Shade on skin is warm."""
    return mix(skin, (122, 48, 36), share)


def face(c: Canvas, features: Features) -> None:
    """Everything between the ears, without hair on the head."""
    shape = outline(features)
    c.polygon(shape, features.skin)
    with c.within(shape):
        c.blob([(54, -170), (120, -120), (130, 60), (90, 170), (10, 176), (64, 120), (84, 40), (80, -60)],
               see_through(darker_skin(features.skin, 0.5), 34))  # fmt: skip
        for side in (-1, 1):
            c.soft(oval(side * 62, 62, 27, 17), see_through(mix(features.skin, (226, 84, 84), 0.6), 96), 12)
        _beard(c, features)
    for side in (-1, 1):
        _eye(c, side, features)
        _brow(c, side, features)
    _nose(c, features)
    _mouth(c, features)
    if features.beard in {"moustache", "full"}:
        _moustache(c, features)
    if features.age >= 50:
        for side in (-1, 1):
            c.line(
                smooth([(side * 82, -2), (side * 90, 4), (side * 94, 12)]),
                see_through(darker_skin(features.skin, 0.4), 110),
                2.6,
            )
            c.line(
                smooth([(side * 34, 52), (side * 48, 68), (side * 53, 86)]),
                see_through(darker_skin(features.skin, 0.4), 90),
                2.8,
            )
    if features.glasses:
        _glasses(c, features.glasses)


def _eye(c: Canvas, side: int, features: Features) -> None:
    x, y = side * 45.0, 2.0
    white, ball = 23.0, 13.4
    lids = [*arc(x, y + 2, white, 16, 180, 360, 16), *arc(x, y + 2, white, 11.5, 0, 180, 16)]
    c.polygon(lids, (252, 252, 250))
    with c.within(lids):
        c.circle(x, y, ball, features.iris)
        c.circle(x, y, ball * 0.54, (26, 22, 26))
        c.circle(x + 4, y - 4.6, 3.2, WHITE)
        c.polygon([*arc(x, y + 2, 23, 17, 180, 360, 16), *arc(x, y + 6, 23, 14, 0, -180, 16)], (40, 30, 40, 46))
    lash = darker(features.hair, 0.6) if features.age < 60 else (70, 58, 58)
    c.line(arc(x, y + 2.5, white + 1, 17, 188, 352, 16), lash, 4.6 if features.woman else 3.6)
    if features.woman:
        c.line([(x + side * 22, y - 4), (x + side * 29, y - 9)], lash, 3.6)
    c.line(arc(x, y - 3, 24, 21, 215, 325, 12), see_through(darker_skin(features.skin, 0.5), 120), 2)


def _brow(c: Canvas, side: int, features: Features) -> None:
    tone = mix(darker(features.hair, 0.15), features.skin, 0.12)
    thick, arch = (7.0, -47) if features.woman else (10.0, -44)
    upper = smooth([(side * 17, -39), (side * 46, arch), (side * 73, -33)], steps=8)
    lower = smooth([(side * 73, -33), (side * 46, arch + thick), (side * 18, -39 + thick)], steps=8)
    c.polygon([*upper, *lower], tone)


def _nose(c: Canvas, features: Features) -> None:
    shade = darker_skin(features.skin, 0.3)
    c.polygon(
        smooth([(6, -4), (19, 40), (17, 53), (0, 58), (6, 30)], closed=True),
        see_through(darker_skin(features.skin, 0.4), 36),
    )
    c.line(smooth([(-15, 48), (-9, 56), (0, 58), (9, 56), (16, 47)]), shade, 4)


def _mouth(c: Canvas, features: Features) -> None:
    lip = mix(features.skin, (196, 62, 74), 0.55 if features.woman else 0.32)
    if features.smile == "open":
        upper = smooth([(-35, 86), (-16, 91), (0, 93), (16, 91), (35, 86)], steps=6)
        lower = smooth([(35, 86), (22, 106), (0, 113), (-22, 106), (-35, 86)], steps=6)
        shape = [*upper, *lower]
        c.polygon(shape, (136, 44, 54))
        with c.within(shape):
            c.polygon([(-40, 80), (40, 80), (34, 100), (0, 103), (-34, 100)], (253, 252, 248))
        c.line(lower, lip, 5)
        c.line(upper, darker_skin(lip, 0.15), 3.6)
    else:
        c.polygon([*smooth([(-30, 90), (0, 95), (30, 90)], steps=8), *smooth([(30, 90), (14, 105), (-14, 105), (-30,
               90)], steps=8)],
                  see_through(lip, 190))  # fmt: skip
        c.line(smooth([(-36, 86), (-18, 93), (0, 95.5), (18, 93), (36, 86)]), darker_skin(lip, 0.45), 4)
    for side in (-1, 1):
        c.line(
            smooth([(side * 38, 80), (side * 42, 86), (side * 40, 92)]),
            see_through(darker_skin(features.skin, 0.45), 120),
            2.4,
        )


def _beard(c: Canvas, features: Features) -> None:
    if features.beard in {"", "moustache"}:
        return
    opacity = 42 if features.beard == "stubble" else 255
    high = 66 if features.beard == "full" else 74
    outer = [(-112, 0), (-116, 90), (-70, 190), (0, 200), (70, 190), (116, 90), (112, 0)]
    inner = [
        (98, 4),
        (88, 56),
        (52, high),
        (20, high - 1),
        (0, high + 3),
        (-20, high - 1),
        (-52, high),
        (-88, 56),
        (-98, 4),
    ]
    c.polygon([*outer, *smooth([(float(x), float(y)) for x, y in inner])], see_through(features.hair, opacity))
    if opacity == 255:
        c.ellipse(0, 99, 45, 21, features.skin)


def _moustache(c: Canvas, features: Features) -> None:
    half = smooth([(0, 68), (20, 64), (40, 74), (50, 92), (30, 86), (12, 81), (0, 82)], steps=6)
    c.polygon(symmetrical(half), darker(features.hair, 0.06))


def _glasses(c: Canvas, frame: Colour) -> None:
    for side in (-1, 1):
        lens = rounded(side * 45 - 33, -24, side * 45 + 33, 30, 22)
        c.polygon(lens, (255, 255, 255, 34))
        c.line([*lens, lens[0]], frame, 5)
        c.polygon(
            [(side * 45 - 16, 26), (side * 45 + 2, -20), (side * 45 + 12, -20), (side * 45 - 6, 26)],
            (255, 255, 255, 40),
        )
        c.line([(side * 78, -6), (side * 104, -10)], frame, 5)
    c.line(smooth([(-12, -4), (0, -10), (12, -4)]), frame, 5)


def invented(chance: random.Random, *, woman: bool, age: int, skin: Colour, hair: Colour) -> Features:
    """Somebody's features; a beard and grey hair come with chance and age."""
    grey = age >= 56 or (age >= 46 and chance.random() < 0.35 and not woman)
    tone = mix(hair, (196, 198, 202), 0.8 if age >= 60 else 0.55) if grey else hair
    frames: tuple[Colour, ...] = ((48, 46, 56), (120, 78, 52), (60, 84, 120), (150, 60, 66), (170, 140, 84))
    beard = "" if woman else chance.choice(("", "", "", "stubble", "short", "full", "moustache"))
    dark = sum(skin) < 520
    iris = (
        (66, 40, 28)
        if dark or chance.random() < 0.75
        else chance.choice(((92, 116, 74), (78, 112, 142), (112, 78, 44)))
    )
    return Features(
        skin=skin,
        hair=tone,
        iris=iris,
        woman=woman,
        age=age,
        glasses=chance.choice(frames) if chance.random() < 0.36 else None,
        beard=beard,
        smile=chance.choice(("open", "closed")),
    )


def glint(hair: Colour) -> Colour:
    """Light on hair."""
    return lighter(hair, 0.16)
