"""A doctor's portrait: somebody friendly who does not exist, in a white coat or theatre clothes."""

import random

from . import faces, hair, plants
from .canvas import Canvas, Colour, Point, arc, down, oval, rounded, smooth, symmetrical
from .faces import Features
from .palette import CORAL, INK, WHITE, darker, dice, lighter, mix, see_through

SIZE = 800
#: The middle of the face.
HEAD = (400, 356)
#: How much larger the figure is than its own measures, from the middle of the lower edge.
CLOSER = 1.12

_LIGHT: tuple[Colour, ...] = ((252, 220, 194), (246, 208, 178), (240, 198, 166))
_TAN: tuple[Colour, ...] = ((236, 188, 150), (226, 176, 138), (214, 162, 122))
_BROWN: tuple[Colour, ...] = ((204, 150, 110), (184, 130, 92), (164, 112, 78))
_DARK: tuple[Colour, ...] = ((140, 94, 66), (116, 76, 54), (96, 62, 46))
_SKINS: dict[str, tuple[Colour, ...]] = {
    "AE": _TAN + _BROWN[:1], "EG": _TAN + _BROWN[:1], "ES": _LIGHT + _TAN[:1], "ET": _DARK, "FR": _LIGHT + _TAN[:1],
    "GB": _LIGHT, "IN": _TAN[1:] + _BROWN, "JO": _LIGHT[1:] + _TAN, "KE": _DARK, "KR": _LIGHT, "MX": _TAN + _BROWN[:1],
    "MY": _LIGHT[2:] + _TAN + _BROWN[:1], "NG": _DARK, "RU": _LIGHT, "SN": _DARK, "TH": _LIGHT[2:] + _TAN,
    "TR": _LIGHT[1:] + _TAN[:2],
}  # fmt: skip
_ANY_SKIN = _LIGHT + _TAN + _BROWN + _DARK
_BLACK: tuple[Colour, ...] = ((38, 32, 36), (50, 40, 40), (62, 46, 42))
_FAIR: tuple[Colour, ...] = ((92, 62, 44), (122, 82, 52), (160, 116, 70), (64, 46, 40))
_FAIR_COUNTRIES = {"ES", "FR", "GB", "RU", "TR"}
#: The share of women who wear a headscarf.
_HEADSCARVES = {"AE": 0.65, "BD": 0.35, "EG": 0.6, "IQ": 0.6, "JO": 0.5, "MY": 0.5, "OM": 0.65, "SA": 0.7, "TR": 0.2}
#: The share of men who wear a turban.
_TURBANS = {"IN": 0.1}
_GROUNDS: tuple[tuple[Colour, Colour], ...] = (
    ((214, 236, 236), (170, 212, 214)), ((232, 238, 248), (190, 208, 232)), ((252, 236, 222), (244, 208, 184)),
    ((236, 242, 228), (198, 220, 190)), ((242, 234, 246), (212, 198, 228)), ((250, 240, 214), (240, 218, 166)),
    ((228, 240, 246), (172, 202, 222)),
)  # fmt: skip
_SHIRTS: tuple[Colour, ...] = (
    (190, 214, 238),
    (250, 250, 250),
    (226, 196, 204),
    (74, 92, 128),
    (188, 220, 204),
    (240, 220, 190),
    (120, 66, 84),
)
_SCRUBS: tuple[Colour, ...] = ((58, 150, 148), (70, 118, 168), (52, 84, 128), (110, 160, 120), (140, 96, 140))


def doctor_portrait(seed: str, *, gender: str, country: str) -> bytes:
    """A portrait, 800 by 800, as JPEG. `gender` is "female" or "male"; of any other, chance decides."""
    chance = dice("portrait", seed)
    woman = gender == "female" or (gender != "male" and chance.random() < 0.5)
    shades = _BLACK + (_FAIR if country in _FAIR_COUNTRIES else ())
    features = faces.invented(chance, woman=woman, age=chance.choice((32, 36, 40, 44, 48, 53, 58, 64)),
                              skin=chance.choice(_SKINS.get(country, _ANY_SKIN)),
                              hair=chance.choice(shades))  # fmt: skip
    c = Canvas(SIZE, SIZE)
    _background(c, chance)
    tilt = chance.uniform(-3.5, 3.5)
    with c.at(SIZE / 2 * (1 - CLOSER), SIZE * (1 - CLOSER), scale=CLOSER):
        if woman and chance.random() < _HEADSCARVES.get(country, 0.02):
            _with_headscarf(c, features, chance, tilt)
        else:
            _with_hair(c, features, chance, tilt, country)
    return c.jpeg(88)


# --- the head ---------------------------------------------------------------------------------------------------------


def _with_headscarf(c: Canvas, features: Features, chance: random.Random, tilt: float) -> None:
    cloth = chance.choice(hair.CLOTHS)
    _clothes(c, features, chance, covered=True)
    with c.at(*HEAD, angle=tilt * 0.6):
        c.soft([(-120, 150), (120, 150), (190, 300), (-190, 300)], (30, 40, 60, 70), 16)
        hair.headscarf(c, cloth)
        with c.within(hair.headscarf_opening()):
            faces.face(c, features)
        hair.headscarf_rim(c, cloth)


def _with_hair(c: Canvas, features: Features, chance: random.Random, tilt: float, country: str) -> None:
    behind, front = _style(features, chance)
    worn = chance.random()
    turban = not features.woman and worn < _TURBANS.get(country, 0)
    cap = not turban and worn > 0.91
    if turban:
        features = faces.Features(**{**vars(features), "beard": "full"})
    with c.at(*HEAD, angle=tilt):
        if not cap and not turban:
            behind(c, features)
    _neck(c, features)
    _clothes(c, features, chance, covered=False, theatre=cap)
    with c.at(*HEAD, angle=tilt):
        faces.ears(c, features)
        faces.face(c, features)
        if turban:
            hair.turban(c, chance.choice(((46, 86, 140), (176, 72, 64), (62, 74, 92), (198, 122, 52), (120, 60, 88))))
        elif cap:
            hair.SHORT[2][1](c, features)
            hair.theatre_cap(c, chance.choice(_SCRUBS))
        else:
            front(c, features)
            if features.woman and (behind, front) in hair.LONG[2:4] and chance.random() < 0.7:
                for side in (-1, 1):
                    c.circle(side * 110, 46, 6, (244, 226, 180))


def _style(features: Features, chance: random.Random) -> tuple[hair.Part, hair.Part]:
    if features.woman:
        return chance.choice(hair.LONG)
    if features.age >= 48 and chance.random() < 0.35:
        return hair.THIN
    return chance.choice(hair.SHORT)


def _neck(c: Canvas, features: Features) -> None:
    half = 50 if features.woman else 62
    shape = [*smooth([(400 - half, 430), (400 - half, 540), (400 - half - 40, 612)]), (400, 700),
             *smooth([(400 + half + 40, 612), (400 + half, 540), (400 + half, 430)])]  # fmt: skip
    c.polygon(shape, faces.darker_skin(features.skin, 0.06))
    with c.within(shape):
        c.ellipse(408, 486, 100, 58, see_through(faces.darker_skin(features.skin, 0.45), 120))


# --- the clothes ------------------------------------------------------------------------------------------------------


def _shoulders(wide: float) -> list[Point]:
    slope = [(474, 562), (524, 594), (400 + wide - 40, 648), (400 + wide, 720), (400 + wide + 18, 830)]
    half = [(400.0, 640.0), *smooth([(float(x), float(y)) for x, y in slope])]
    return symmetrical(half, 400)


def _clothes(c: Canvas, features: Features, chance: random.Random, *, covered: bool, theatre: bool = False) -> None:
    wide = 236 if features.woman else 270
    body = _shoulders(wide)
    scrubs = theatre or chance.random() < 0.3
    under = chance.choice(_SCRUBS if scrubs else _SHIRTS)
    if theatre or (scrubs and chance.random() < 0.35):
        _tunic(c, features, body, under, covered=covered)
    else:
        _coat(c, features, body, under, chance, covered=covered, scrubs=scrubs)
    if chance.random() < 0.55:
        _stethoscope(c, chance.choice((INK, (52, 92, 112), (124, 52, 66), (46, 110, 108))))
    if chance.random() < 0.6:
        _badge(c, chance)


def _opening(features: Features, depth: float) -> list[Point]:
    """The skin seen in a collar that is open so far down."""
    half = 52 if features.woman else 58
    return [
        *smooth([(400 - half - 30, 566), (400 - half + 6, 600), (400, depth)]),
        *smooth([(400, depth), (400 + half - 6, 600), (400 + half + 30, 566)]),
    ]


def _tunic(c: Canvas, features: Features, body: list[Point], cloth: Colour, *, covered: bool) -> None:
    c.polygon(body, down(lighter(cloth, 0.1), darker(cloth, 0.1)))
    with c.within(body):
        c.polygon([(590, 560), (720, 560), (720, 830), (610, 830)], see_through(darker(cloth, 0.5), 40))
        c.line(smooth([(236, 700), (262, 760), (264, 830)]), darker(cloth, 0.2), 4)
        c.line(smooth([(564, 700), (538, 760), (536, 830)]), darker(cloth, 0.2), 4)
    if not covered:
        collar = _opening(features, 690)
        c.polygon(collar, faces.darker_skin(features.skin, 0.06))
        with c.within(collar):
            c.ellipse(404, 560, 90, 52, see_through(faces.darker_skin(features.skin, 0.45), 70))
        c.line(collar, darker(cloth, 0.22), 11)
    c.rect(462, 726, 544, 812, darker(cloth, 0.1), round=6)


def _coat(c: Canvas, features: Features, body: list[Point], under: Colour, chance: random.Random, *, covered: bool,
          scrubs: bool) -> None:  # fmt: skip
    white, fold = (252, 252, 253), (222, 228, 236)
    c.polygon(body, down(white, (238, 242, 247)))
    with c.within(body):
        c.polygon([(600, 560), (720, 560), (720, 830), (620, 830)], (90, 110, 140, 40))
        front = [*smooth([(308, 560), (330, 680), (372, 830)]), *smooth([(428, 830), (470, 680), (492, 560)])]
        c.polygon(front, under)
        if not covered:
            _collar(c, features, under, chance, scrubs=scrubs)
        c.polygon([(400, 700), (428, 830), (372, 830)], see_through(darker(under, 0.4), 60))
        for side in (-1, 1):
            lapel = [
                (400 + side * x, y)
                for x, y in ((78, 560), (116, 598), (146, 664), (112, 676), (124, 700), (30, 830), (62, 690), (84, 610))
            ]
            c.polygon([(x + side * 5, y + 6) for x, y in lapel], (60, 80, 110, 60))
            c.polygon(lapel, white if side < 0 else (244, 247, 250))
            c.line([lapel[1], lapel[2], lapel[3], lapel[4], lapel[5]], fold, 3)
        for x, bend in ((246, 10), (556, -10)):
            c.line(smooth([(x, 690), (x + bend, 760), (x + bend, 830)]), fold, 4)
        c.line([(474, 742), (556, 742)], fold, 5)
        c.line([(474, 742), (474, 830)], fold, 3)
        c.line([(556, 742), (556, 830)], fold, 3)


def _collar(c: Canvas, features: Features, under: Colour, chance: random.Random, *, scrubs: bool) -> None:
    """A V of scrubs, a blouse, or a shirt with or without a tie."""
    depth = 676 if scrubs or features.woman else 612
    opening = _opening(features, depth)
    c.polygon(opening, faces.darker_skin(features.skin, 0.06))
    with c.within(opening):
        c.ellipse(408, 500, 106, 74, see_through(faces.darker_skin(features.skin, 0.45), 110))
    if scrubs or features.woman:
        c.line(opening, darker(under, 0.14), 9)
        if features.woman and not scrubs and chance.random() < 0.5:
            c.line(smooth([(352, 596), (400, 640), (448, 596)]), (230, 196, 120), 2.6)
            c.circle(400, 643, 6, (240, 206, 130))
        return
    for side in (-1, 1):
        c.polygon(
            [(400 + side * x, y) for x, y in ((88, 560), (60, 556), (0, 612), (36, 660), (92, 596))],
            lighter(under, 0.3),
        )
        c.line(
            [(400 + side * x, y) for x, y in ((0, 612), (36, 660), (92, 596))],
            see_through(darker(under, 0.4), 110),
            2.6,
        )
    if chance.random() < 0.6:
        tie = chance.choice((CORAL, (44, 74, 122), (28, 116, 112), (128, 52, 74), (92, 82, 130)))
        c.polygon([(382, 614), (418, 614), (412, 646), (388, 646)], darker(tie, 0.12))
        c.polygon([(389, 646), (411, 646), (428, 830), (372, 830)], tie)
        for y in range(664, 830, 34):
            c.line(
                [(386 - (y - 664) * 0.07, y + 16), (414 + (y - 664) * 0.07, y)], see_through(lighter(tie, 0.5), 120), 5
            )
    else:
        for y in (676, 722, 768):
            c.circle(400, y, 4.5, see_through(darker(under, 0.5), 150))


def _stethoscope(c: Canvas, tube: Colour) -> None:
    c.line(smooth([(306, 590), (290, 660), (304, 726), (330, 752)]), tube, 11)
    c.line(smooth([(494, 590), (512, 660), (502, 708)]), tube, 11)
    c.line(smooth([(306, 590), (318, 566), (334, 556)]), tube, 11)
    c.line(smooth([(494, 590), (482, 566), (466, 556)]), tube, 11)
    c.circle(502, 722, 24, (150, 160, 172))
    c.circle(502, 722, 17, (214, 220, 228))
    c.circle(497, 717, 6, WHITE)
    c.line([(330, 752), (322, 778)], (176, 184, 194), 8)
    c.line([(330, 752), (346, 774)], (176, 184, 194), 8)


def _badge(c: Canvas, chance: random.Random) -> None:
    tone = chance.choice(((20, 138, 133), (52, 104, 172), CORAL, (122, 96, 158)))
    c.polygon(rounded(244, 726, 316, 790, 7), (60, 80, 110, 60))
    c.polygon(rounded(242, 722, 314, 786, 7), WHITE)
    c.polygon(rounded(242, 722, 314, 740, 5), tone)
    c.circle(262, 760, 10, mix(tone, WHITE, 0.6))
    for y, end in ((754, 304), (766, 296)):
        c.line([(280, y), (end, y)], (190, 198, 208), 4)


# --- behind -----------------------------------------------------------------------------------------------------------


def _background(c: Canvas, chance: random.Random) -> None:
    light, deep = chance.choice(_GROUNDS)
    c.rect(0, 0, SIZE, SIZE, down(light, mix(light, deep, 0.7)))
    kind = chance.randrange(4)
    if kind == 0:
        c.circle(400, 400, 330, see_through(WHITE, 120))
        c.circle(400, 400, 270, see_through(deep, 120))
    elif kind == 1:
        _window(c, light, deep, chance)
    elif kind == 2:
        c.blob(
            [(60, 300), (180, 90), (420, 60), (680, 130), (760, 400), (700, 680), (420, 760), (120, 690)],
            see_through(deep, 130),
        )
        for _ in range(5):
            c.circle(chance.choice((80, 130, 670, 720)) + chance.uniform(-40, 40), chance.uniform(60, 560),
                   chance.uniform(6, 16),
                     see_through(WHITE, 160))  # fmt: skip
    else:
        c.polygon(arc(400, 860, 520, 620, 180, 360, 60), see_through(deep, 140))
        c.polygon(arc(400, 860, 420, 500, 180, 360, 60), see_through(WHITE, 70))
    c.soft(oval(400, 330, 220, 240), see_through(WHITE, 90), 60)


def _window(c: Canvas, light: Colour, deep: Colour, chance: random.Random) -> None:
    """A bright room, out of focus."""
    left = chance.choice((36, 470))
    c.rect(left, 60, left + 290, 520, see_through(WHITE, 190), round=10)
    c.rect(left + 14, 74, left + 276, 506, down((196, 224, 240), (226, 240, 238)))
    c.polygon(arc(left + 100, 506, 150, 120, 180, 360), (186, 214, 190))
    with c.within([(left + 14, 74), (left + 276, 74), (left + 276, 506), (left + 14, 506)]):
        c.polygon(arc(left + 240, 520, 130, 170, 180, 360), (170, 204, 178))
    c.rect(left + 141, 74, left + 149, 506, mix(WHITE, light, 0.3))
    c.rect(0, 640, SIZE, SIZE, see_through(deep, 120))
    plants.house_plant(
        c, 660 if left < 200 else 140, 690, 330, mix((104, 158, 120), light, 0.35), mix(WHITE, deep, 0.25), chance
    )
