"""Rooms of a hospital for its gallery: lobby, patient room, operating theatre, garden and imaging suite."""

import random
from collections.abc import Callable

from . import facades, furniture, landscape, marks, plants, street
from .canvas import Canvas, Colour, across, arc, down, oval, rounded, smooth
from .palette import DAWN, GOLDEN, MORNING, NOON, SUN, WHITE, Look, darker, dice, lighter, look_of, mix, see_through

WIDTH, HEIGHT = 1200, 800
#: Where walls meet the floor.
SKIRTING = 560

Room = Callable[[Canvas, Look, random.Random, str], None]


def hospital_scene(code: str, kind: str) -> bytes:
    """A room, 1200 by 800, as JPEG; `kind` is one of `SCENES`."""
    chance = dice("scene", code, kind)
    c = Canvas(WIDTH, HEIGHT)
    SCENES[kind](c, look_of(code), chance, code)
    if chance.random() < 0.5:
        c.mirror()
    return c.jpeg()


# --- shells -----------------------------------------------------------------------------------------------------------


def _shell(c: Canvas, wall: Colour, floor: Colour, *, ceiling: float = 74) -> None:
    """Ceiling, back wall and floor, with the light falling in from the left."""
    c.rect(0, 0, WIDTH, ceiling, down(lighter(wall, 0.5), lighter(wall, 0.25)))
    c.rect(0, ceiling, WIDTH, SKIRTING, across(lighter(wall, 0.3), wall, darker(wall, 0.05)))
    c.rect(0, SKIRTING, WIDTH, HEIGHT, down(darker(floor, 0.08), lighter(floor, 0.16)))
    for x in range(-900, 2200, 150):
        c.line([(600 + (x - 600) * 0.45, SKIRTING), (x, HEIGHT)], see_through(darker(floor, 0.3), 34), 1.6)
    for y in (596, 646, 716):
        c.line([(0, y), (WIDTH, y)], see_through(darker(floor, 0.3), 26), 1.6)
    c.rect(0, SKIRTING - 10, WIDTH, SKIRTING, lighter(wall, 0.4))
    c.rect(0, SKIRTING, WIDTH, SKIRTING + 4, (30, 40, 60, 40))


def _view(c: Canvas, x0: float, y0: float, x1: float, y1: float, look: Look, chance: random.Random) -> None:
    """A large window on sky, hills and tree tops, at any hour of the day."""
    light = chance.choice((DAWN, MORNING, NOON, GOLDEN))
    pane = rounded(x0, y0, x1, y1)
    with c.within(pane):
        c.rect(x0, y0, x1, y1, down(*light.sky))
        landscape.cloud(c, x0 + (x1 - x0) * chance.uniform(0.2, 0.7), y0 + (y1 - y0) * 0.3, 150, light)
        foot = y1 - (y1 - y0) * 0.16
        for far, wide, tall in ((0.7, 0.46, 0.36), (0.5, 0.6, 0.24)):
            middle = x0 + (x1 - x0) * chance.uniform(0.1, 0.9)
            c.polygon(
                arc(middle, foot + 40, (x1 - x0) * wide, (y1 - y0) * tall + 40, 180, 360, 40),
                light.far(look.leaf, far),
            )
        c.rect(x0, foot, x1, y1, light.on(lighter(look.leaf, 0.2)))
        x = x0
        while x < x1:
            plants.round_tree(
                c,
                x,
                y1 + 24,
                (y1 - y0) * chance.uniform(0.34, 0.56),
                mix(light.on(look.leaf), light.haze, 0.12),
                chance,
            )
            x += chance.uniform(60, 130)
    for share in (0.1, 0.56):
        x = x0 + (x1 - x0) * share
        c.polygon([(x, y1), (x + 90, y0), (x + 150, y0), (x + 60, y1)], (255, 255, 255, 40))


def _frames(c: Canvas, x0: float, y0: float, x1: float, y1: float, count: int, colour: Colour) -> None:
    for number in range(count + 1):
        x = x0 + (x1 - x0) * number / count
        c.rect(x - 4, y0, x + 4, y1, colour)
    c.rect(x0 - 4, y0 - 5, x1 + 4, y0 + 4, colour)
    c.rect(x0 - 10, y1 - 4, x1 + 10, y1 + 7, lighter(colour, 0.3))


def _daylight(c: Canvas, x0: float, x1: float) -> None:
    """Bright patches that a window throws on the floor."""
    for number in range(3):
        start = x0 + (x1 - x0) * number / 3
        end = start + (x1 - x0) / 3 - 16
        c.polygon([(start + 40, SKIRTING + 14), (end + 40, SKIRTING + 14), (end + 190, HEIGHT), (start + 190, HEIGHT)],
                  (255, 252, 236, 54))  # fmt: skip


# --- rooms ------------------------------------------------------------------------------------------------------------


def _lobby(c: Canvas, look: Look, chance: random.Random, code: str) -> None:
    _shell(c, look.wall, look.floor)
    _view(c, 40, 110, 640, SKIRTING - 26, look, chance)
    _frames(c, 40, 110, 640, SKIRTING - 26, 4, mix(look.stone, WHITE, 0.3))
    _daylight(c, 40, 640)
    c.rect(700, 74, WIDTH, SKIRTING, down(lighter(look.wood, 0.1), look.wood))
    for x in range(706, WIDTH, 15):
        c.rect(x, 74, x + 4, SKIRTING, see_through(darker(look.wood, 0.3), 120))
    c.soft(oval(950, 250, 110, 100), (255, 236, 196, 150), 50)
    c.circle(950, 246, 66, lighter(look.wall, 0.5))
    with c.at(950, 246, scale=0.42):
        marks.figure_of(code)(c, look.accent, mix(look.accent, SUN, 0.55))
    furniture.reception(c, 780, 1140, 640, look, chance)
    for x in (820, 950, 1080):
        furniture.pendant(c, x, 74, chance.choice((110, 118)), look)
    c.ellipse(290, 716, 280, 62, see_through(mix(look.accent, look.floor, 0.55), 255))
    c.ellipse(290, 716, 250, 52, mix(look.accent, look.floor, 0.68))
    if chance.random() < 0.5:
        furniture.sofa(c, 240, 690, 270, look)
    else:
        furniture.armchair(c, 170, 690, look)
        furniture.armchair(c, 380, 694, look)
    furniture.low_table(c, 290 + chance.uniform(-40, 50), 742, look)
    plants.house_plant(c, 672, 640, 250, look.leaf, lighter(look.stone, 0.3), chance)
    plants.house_plant(c, 52, 690, 230, look.leaf, look.accent, chance)
    first = chance.uniform(500, 580)
    street.person(c, first, 668, 190, NOON, chance)
    street.person(c, first + chance.uniform(50, 74), 690, 196, NOON, chance, coat=True)


def _patient_room(c: Canvas, look: Look, chance: random.Random, code: str) -> None:
    _shell(c, chance.choice((look.wall, mix(look.wall, look.accent, 0.16), mix(look.wall, look.stone, 0.4))),
           mix(look.wood, look.floor, 0.45))  # fmt: skip
    _view(c, 70, 140, 450, 450, look, chance)
    _frames(c, 70, 140, 450, 450, 2, lighter(look.stone, 0.5))
    furniture.curtain(c, 20, 104, 470, mix(look.accent, WHITE, 0.5), 70)
    furniture.curtain(c, 436, 104, 470, mix(look.accent, WHITE, 0.5), 60)
    _daylight(c, 70, 450)
    c.rect(560, 190, 1130, 500, down(lighter(look.wood, 0.14), look.wood), round=10)
    for x in (702, 845, 988):
        c.rect(x, 190, x + 3, 500, see_through(darker(look.wood, 0.3), 90))
    c.rect(560, 300, 1130, 326, lighter(look.stone, 0.4))
    for x in (600, 640, 1060, 1094):
        c.circle(x, 313, 6, darker(look.stone, 0.2))
    c.soft([(640, 184), (1060, 184), (1110, 296), (590, 296)], (255, 240, 206, 110), 20)
    c.rect(640, 176, 1060, 188, (255, 248, 228), round=6)
    furniture.picture(c, 850, 118, look, chance)
    furniture.vital_monitor(c, 1080, 236, chance)
    furniture.drip(c, 590, 676, look)
    furniture.bed(c, 640, 1060, 690, look)
    furniture.bedside(c, 1120, 690, look, chance)
    seat, green = chance.choice(((380, 150), (190, 400), (270, 70)))
    furniture.armchair(c, seat, 706, look)
    plants.house_plant(c, green, 690, chance.uniform(170, 250), look.leaf, lighter(look.stone, 0.4), chance)


def _operating_theatre(c: Canvas, look: Look, chance: random.Random, code: str) -> None:
    wall = mix((206, 228, 230), look.accent, 0.1)
    _shell(c, wall, (196, 208, 214), ceiling=60)
    for x in range(0, WIDTH, 200):
        c.rect(x, 60, x + 3, SKIRTING, see_through(darker(wall, 0.2), 80))
    c.rect(0, 320, WIDTH, 326, see_through(look.accent, 140))
    furniture.swing_door(c, 60, 210, SKIRTING, look)
    furniture.wall_screens(c, 820, 150, look, chance)
    lamps = chance.choice((((470, 250), (720, 220)), ((600, 240),), ((500, 220), (740, 262))))
    for x, arm in lamps:
        c.soft([(x - 60, arm + 40), (x + 60, arm + 40), (760, 600), (420, 600)], (255, 252, 230, 96), 26)
        furniture.theatre_lamp(c, x, arm, look)
    furniture.anaesthesia(c, 320, 690, look, chance)
    furniture.operating_table(c, 430, 780, 700, look)
    furniture.instrument_trolley(c, chance.uniform(940, 1020), 710, look)
    furniture.stool(c, chance.uniform(820, 860), 740, look)


def _garden(c: Canvas, look: Look, chance: random.Random, code: str) -> None:
    light = chance.choice((MORNING, NOON, GOLDEN))
    landscape.sky(c, light, chance, horizon=500, sun_x=0.16)
    street.ground(c, light, look, chance, 470, 500)
    street.back_trees(c, light, look, chance, 500, palms=False)
    house = facades.House(c, light, look, chance)
    house.block(560, 1260, 512, 5, windows=chance.choice(("balconies", "ribbon", "grid")), roof="garden")
    house.block(470, 900, 512, 2, windows="arches", proud=True, roof="garden", stone=True)
    path = lighter(look.floor, 0.3)
    c.polygon(
        [
            *smooth([(640, 512), (560, 590), (610, 690), (470, 830)]),
            *smooth([(760, 830), (790, 690), (690, 590), (700, 512)]),
        ],
        path,
    )
    c.line(smooth([(640, 512), (560, 590), (610, 690), (470, 830)]), darker(path, 0.12), 5)
    furniture.pond(c, 930, 676, 210, light, look)
    for x, y, size in ((70, 640, 330), (1150, 600, 260), (330, 560, 190)):
        street.shade(c, x, y, size * 0.34)
        plants.round_tree(c, x, y, size, look.leaf, chance)
    for _ in range(12):
        plants.bush(c, chance.uniform(20, 470), chance.uniform(560, 600), chance.uniform(50, 90), look.leaf, chance)
    blooms: tuple[Colour, ...] = ((238, 118, 128), SUN, WHITE, look.accent, (180, 136, 208))
    plants.flowers(c, 0, 420, 690, 90, blooms, look.leaf, chance)
    plants.flowers(c, 760, 1200, 752, 50, blooms, look.leaf, chance)
    with c.at(330, 660, scale=3.1):
        street.bench(c, 0, 0, light, look)
    street.person(c, 610, 640, 120, light, chance)
    street.person(c, 660, 646, 124, light, chance, coat=True)
    for x in (860, 1060, 1170):
        plants.grass(c, x, 764, chance.uniform(70, 100), lighter(look.leaf, 0.1), chance)


def _imaging(c: Canvas, look: Look, chance: random.Random, code: str) -> None:
    wall = mix(look.wall, (214, 228, 238), 0.5)
    _shell(c, wall, mix(look.floor, (206, 214, 220), 0.6))
    c.rect(0, 74, 250, SKIRTING, mix(look.accent, wall, 0.25))
    furniture.control_window(c, 54, 220, 210, 400, look)
    furniture.sky_ceiling(c, 420, 1010, chance)
    c.soft(oval(715, 590, 380, 44), (30, 44, 70, 110), 20)
    furniture.scanner(c, 715, 336, look)
    if chance.random() < 0.5:
        street.person(c, 400, 640, 250, NOON, chance, coat=True)
    c.rect(1096, 74, 1104, SKIRTING, see_through(darker(wall, 0.2), 80))
    furniture.picture(c, 1152, 240, look, chance)
    plants.house_plant(c, 1120, 690, 240, look.leaf, look.accent, chance)
    furniture.stool(c, 330, 720, look)


SCENES: dict[str, Room] = {
    "lobby": _lobby,
    "patient_room": _patient_room,
    "operating_theatre": _operating_theatre,
    "garden": _garden,
    "imaging": _imaging,
}
