"""A treatment's picture: the part of the body or the help it is about, on the colours of its category."""

import random
from collections.abc import Callable

from . import births, bones, heads, marks, organs, therapies
from .canvas import Canvas, Colour, arc, down, oval
from .palette import WHITE, darker, dice, lighter, mix, see_through

WIDTH, HEIGHT = 1200, 800

Motif = Callable[[Canvas, Colour], None]


def _both(*motifs: Motif) -> Motif:
    def draw(c: Canvas, accent: Colour) -> None:
        for motif in motifs:
            motif(c, accent)

    return draw


def _brain_found(c: Canvas, accent: Colour) -> None:
    organs.brain(c, accent)
    organs.target(c, 60, -60, accent)


def _stomach_found(c: Canvas, accent: Colour) -> None:
    organs.stomach(c, accent)
    organs.target(c, 84, -20, accent)


def _uterus_found(c: Canvas, accent: Colour) -> None:
    organs.uterus(c, accent)
    organs.target(c, 0, -30, accent)


#: Words in a treatment's code, the first that fits, and what is drawn for it.
_BY_CODE: tuple[tuple[str, Motif], ...] = (
    ("angioplasty stent", _both(organs.heart, organs.stent)),
    ("bypass-surgery coronary", _both(organs.heart, organs.graft)),
    ("valve", _both(organs.heart, organs.valve)),
    ("pacemaker", _both(organs.heart, organs.pacemaker)),
    ("arrhythmia ablation", _both(organs.heart, organs.heartbeat)),
    ("defect children", _both(organs.heart, organs.young)),
    ("heart-health", therapies.heart_check),
    ("stroke", therapies.walking),
    ("after-joint", therapies.exercise),
    ("chronic-pain", therapies.lotus),
    ("sports", therapies.running),
    ("cruciate ligament", bones.framed(bones.cruciate)),
    ("knee", bones.framed(bones.knee_implant)),
    ("hip", bones.framed(bones.hip)),
    ("disc spine lumbar", bones.spine),
    ("brain", _brain_found),
    ("breast-cancer", therapies.breast_care),
    ("breast", therapies.curve),
    ("liposuction", therapies.contour),
    ("chemo", therapies.drip_bag),
    ("radioiodine thyroid", organs.thyroid),
    ("radio", therapies.beams),
    ("opinion", therapies.microscope),
    ("gynaecological", _uterus_found),
    ("abdominal", _stomach_found),
    ("gall liver", organs.liver),
    ("frozen", births.frozen_embryo),
    ("egg", births.egg_store),
    ("genetic", births.embryo_genes),
    ("ivf", births.embryo),
    ("male", births.needle),
    ("pregnancy", births.mother),
    ("fibroid", organs.fibroid),
    ("cataract", heads.cataract),
    ("laser-vision", heads.laser),
    ("retin", heads.retina),
    ("glaucoma", heads.glaucoma),
    ("veneer", heads.veneer),
    ("arch", heads.arch),
    ("implant", heads.implant),
    ("rhinoplasty", heads.nose),
    ("eyelid", heads.eyelid),
    ("facelift", heads.lift),
    ("hair", heads.follicles),
    ("sleeve", organs.sleeve),
    ("gastric-bypass", organs.gastric_bypass),
    ("band", organs.band),
    ("kidney-transplant", organs.transplant),
    ("marrow", bones.marrow),
    ("stone", organs.stones),
    ("prostate", organs.urinary),
    ("sinus", heads.airways),
)
#: What is drawn when the code says nothing, and the colours of the category: ground, deeper ground, accent.
_BY_CATEGORY: dict[str, tuple[Motif, tuple[Colour, Colour, Colour]]] = {
    "cardiac-care": (_both(organs.heart, organs.heartbeat), ((255, 236, 230), (250, 204, 196), (36, 122, 150))),
    "bones-and-joints": (bones.framed(bones.knee), ((228, 242, 246), (182, 214, 228), (20, 138, 133))),
    "brain-and-spine": (_brain_found, ((236, 234, 250), (204, 200, 236), (96, 92, 178))),
    "cancer-care": (therapies.ribbon, ((250, 236, 244), (236, 204, 224), (146, 92, 168))),
    "transplantation": (organs.transplant, ((230, 244, 236), (190, 224, 206), (28, 128, 104))),
    "fertility-and-pregnancy": (births.cradle, ((255, 240, 230), (250, 214, 198), (222, 112, 116))),
    "eye-care": (heads.eye, ((228, 242, 250), (180, 216, 238), (48, 130, 178))),
    "dental-care": (heads.tooth, ((224, 244, 244), (172, 220, 222), (24, 146, 150))),
    "aesthetic-surgery": (heads.profile, ((252, 238, 228), (240, 210, 190), (190, 104, 96))),
    "weight-loss-surgery": (organs.stomach, ((240, 246, 224), (210, 228, 176), (96, 146, 56))),
    "digestive-care": (organs.liver, ((252, 242, 222), (244, 218, 170), (206, 128, 46))),
    "urology-care": (organs.urinary, ((228, 240, 250), (184, 208, 236), (54, 110, 176))),
    "ear-nose-and-throat": (heads.ear, ((232, 246, 242), (188, 224, 214), (30, 140, 126))),
    "rehabilitation": (therapies.exercise, ((234, 246, 232), (194, 226, 190), (48, 146, 112))),
    "health-checks": (therapies.check_up, ((230, 244, 246), (184, 220, 226), (20, 138, 133))),
}
_ANY: tuple[Motif, tuple[Colour, Colour, Colour]] = _BY_CATEGORY["health-checks"]


def treatment_picture(code: str, category: str) -> bytes:
    """A treatment's picture, 1200 by 800, as JPEG."""
    chance = dice("treatment", code)
    usual, (light, deep, accent) = _BY_CATEGORY.get(category, _ANY)
    c = Canvas(WIDTH, HEIGHT)
    _ground(c, chance, light, deep, accent)
    x = 600 + chance.uniform(-36, 36)
    c.soft(oval(x, 704, 230, 22), see_through(darker(deep, 0.5), 110), 18)
    with c.at(x, 398, scale=1.26):
        _motif(code, usual)(c, accent)
    return c.jpeg(88)


def _motif(code: str, usual: Motif) -> Motif:
    for words, motif in _BY_CODE:
        if any(word in code for word in words.split()):
            return motif
    return usual


def _ground(c: Canvas, chance: random.Random, light: Colour, deep: Colour, accent: Colour) -> None:
    """A soft ground: a large shape behind the motif, and a few small signs round it."""
    c.rect(0, 0, WIDTH, HEIGHT, down(light, mix(light, deep, 0.6)))
    kind = chance.randrange(3)
    if kind == 0:
        c.circle(600, 400, 356, see_through(WHITE, 130))
        c.circle(600, 400, 300, see_through(deep, 170))
    elif kind == 1:
        corners = [(150, 420), (260, 150), (560, 70), (900, 130), (1060, 380), (930, 660), (600, 742), (280, 680)]
        points = [(x + chance.uniform(-36, 36), y + chance.uniform(-24, 24)) for x, y in corners]
        c.blob([((x - 600) * 1.08 + 600, (y - 400) * 1.06 + 400) for x, y in points], see_through(WHITE, 110))
        c.blob(points, see_through(deep, 190))
    else:
        c.polygon(arc(600, 720, 500, 600, 180, 360, 60), see_through(WHITE, 120))
        c.polygon(arc(600, 720, 420, 510, 180, 360, 60), see_through(deep, 190))
        c.rect(60, 716, 1140, 724, see_through(mix(deep, accent, 0.3), 120), round=4)
    for index in range(9):
        side = -1 if index % 2 else 1
        x, y = 600 + side * chance.uniform(390, 560), chance.uniform(80, 660)
        _sign(c, x, y, chance.uniform(16, 34), mix(deep, accent, chance.uniform(0.1, 0.42)), chance)


def _sign(c: Canvas, x: float, y: float, size: float, tone: Colour, chance: random.Random) -> None:
    kind = chance.randrange(4)
    if kind == 0:
        marks.plus(c, x, y, size * 1.5, tone)
    elif kind == 1:
        c.ring(x, y, size * 0.6, tone, size * 0.22)
    elif kind == 2:
        c.circle(x, y, size * 0.36, lighter(tone, 0.3))
    else:
        for column in range(3):
            for row in range(3):
                c.circle(x + column * size * 0.7, y + row * size * 0.7, size * 0.12, tone)
