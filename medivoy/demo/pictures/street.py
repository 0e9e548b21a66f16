"""What lies and moves before a house: lawn, drive, benches, cars, and people small enough to be anyone."""

import random

from . import marks, plants
from .canvas import Canvas, Colour, down, oval, rounded, smooth
from .palette import SUN, WHITE, Light, Look, darker, lighter, mix, see_through

CLOTHES: tuple[Colour, ...] = (
    (232, 108, 92),
    (64, 112, 168),
    (246, 190, 92),
    (92, 158, 142),
    (238, 232, 224),
    (134, 104, 160),
)
SKINS: tuple[Colour, ...] = ((250, 214, 186), (232, 184, 148), (200, 148, 110), (156, 106, 76), (112, 76, 56))
HAIRS: tuple[Colour, ...] = ((44, 36, 38), (88, 60, 46), (60, 46, 40), (150, 150, 156))


def shade(c: Canvas, x: float, y: float, half: float) -> None:
    c.ellipse(x + half * 0.25, y + 2, half, half * 0.12, (20, 30, 56, 50))


def ground(c: Canvas, light: Light, look: Look, chance: random.Random, top: float, foot: float) -> None:
    """Lawn from the horizon to the lower edge."""
    leaf = light.on(lighter(look.leaf, 0.18))
    c.rect(0, top, c.width, c.height, down(mix(leaf, light.haze, 0.25), leaf, darker(leaf, 0.12)))
    for _ in range(5):
        y = chance.uniform(foot - 26, foot + 10)
        c.ellipse(chance.uniform(0, c.width), y, chance.uniform(160, 320), 10, see_through(lighter(leaf, 0.2), 60))


def back_trees(c: Canvas, light: Light, look: Look, chance: random.Random, foot: float, *, palms: bool) -> None:
    """A loose row of trees behind the house."""
    x = -20.0
    while x < c.width + 40:
        leaf = mix(light.far(look.leaf, 0.24), (60, 120, 96), chance.uniform(0, 0.2))
        size = chance.uniform(90, 150)
        if palms and chance.random() < 0.4:
            plants.palm(c, x, foot, size * 1.15, leaf, chance)
        else:
            plants.round_tree(c, x, foot, size * 0.85, leaf, chance)
        x += chance.uniform(56, 130)


def forecourt(c: Canvas, light: Light, look: Look, chance: random.Random, foot: float) -> None:
    """Paving before the doors, the drive, and a near lawn in flower."""
    paving, road = light.on(mix(look.floor, WHITE, 0.25)), light.on((122, 130, 144))
    c.rect(430, foot - 2, 1460, foot + 40, down(darker(paving, 0.1), paving))
    c.polygon([(800, foot + 2), (1110, foot + 2), (1210, foot + 66), (700, foot + 66)], lighter(paving, 0.25))
    for share in (0.2, 0.4, 0.6, 0.8):
        c.line(
            [(800 + 310 * share, foot + 2), (700 + 510 * share, foot + 66)], see_through(darker(paving, 0.3), 70), 1.4
        )
    leaf = light.on(look.leaf)
    c.rect(0, foot + 40, c.width, foot + 66, paving)
    c.rect(0, foot + 62, c.width, foot + 68, darker(paving, 0.22))
    c.rect(0, foot + 68, c.width, foot + 136, down(darker(road, 0.1), road))
    for x in range(-20, c.width, 120):
        c.rect(x, foot + 99, x + 62, foot + 103, light.on((240, 238, 228)))
    c.rect(0, foot + 136, c.width, foot + 144, paving)
    c.rect(0, foot + 144, c.width, c.height, down(lighter(leaf, 0.1), darker(leaf, 0.16)))
    plants.flowers(c, 0, c.width, foot + 156, 20,
                   tuple(light.on(tone) for tone in (SUN, (238, 118, 128), WHITE, look.accent)), leaf,
                   chance)  # fmt: skip
    for x in (500, 640, 1260, 1380):
        bench(c, x, foot + 38, light, look)


def traffic(c: Canvas, light: Light, look: Look, chance: random.Random, foot: float) -> None:
    """A car and an ambulance on the drive."""
    if chance.random() < 0.5:
        ambulance(c, chance.uniform(180, 360), foot + 92, light, look)
        car(c, chance.uniform(1180, 1360), foot + 94, light, chance)
    else:
        car(c, chance.uniform(200, 420), foot + 94, light, chance)
        ambulance(c, chance.uniform(1160, 1300), foot + 92, light, look)


def bench(c: Canvas, x: float, y: float, light: Light, look: Look) -> None:
    wood = light.on(look.wood)
    c.rect(x - 24, y - 14, x + 24, y - 9, wood, round=2)
    c.rect(x - 24, y - 24, x + 24, y - 19, darker(wood, 0.1), round=2)
    for side in (-18, 18):
        c.rect(x + side - 1.5, y - 12, x + side + 1.5, y, darker(wood, 0.45))


def _wheel(c: Canvas, x: float, y: float, radius: float) -> None:
    c.circle(x, y, radius, (44, 50, 62))
    c.circle(x, y, radius * 0.52, (196, 202, 210))


def car(c: Canvas, x: float, y: float, light: Light, chance: random.Random) -> None:
    """A small car driving to the left; y is the road under its wheels."""
    body = light.on(chance.choice(((232, 232, 236), (206, 84, 76), (76, 118, 166), (92, 104, 118), (236, 196, 110))))
    c.ellipse(x, y + 2, 84, 7, (20, 26, 46, 80))
    roof = smooth([(x - 38, y - 34), (x - 22, y - 57), (x + 26, y - 57), (x + 52, y - 34)])
    c.polygon([*roof, (x + 50, y - 30), (x - 40, y - 30)], body)
    c.polygon([(x - 31, y - 35), (x - 18, y - 53), (x + 2, y - 53), (x + 2, y - 35)], light.on((150, 196, 214)))
    c.polygon([(x + 7, y - 53), (x + 23, y - 53), (x + 42, y - 35), (x + 7, y - 35)], light.on((132, 180, 202)))
    c.polygon(rounded(x - 80, y - 36, x + 76, y - 10, 13), down(lighter(body, 0.1), darker(body, 0.1)))
    c.rect(x - 80, y - 30, x - 70, y - 23, mix(SUN, WHITE, 0.4), round=3)
    for wheel in (-46, 44):
        _wheel(c, x + wheel, y - 9, 14)


def ambulance(c: Canvas, x: float, y: float, light: Light, look: Look) -> None:
    """A white van with a stripe in the colour of the house, driving to the left."""
    white, stripe = light.on((250, 250, 250)), light.on(look.accent)
    c.ellipse(x, y + 2, 106, 8, (20, 26, 46, 80))
    front = [(x - 96, y - 12), (x - 98, y - 40), (x - 84, y - 48), (x - 62, y - 82), (x - 52, y - 86)]
    c.polygon([*front, (x + 92, y - 86), (x + 98, y - 80), (x + 98, y - 12)], down(white, darker(white, 0.07)))
    c.polygon([(x - 78, y - 50), (x - 58, y - 79), (x - 36, y - 79), (x - 36, y - 50)], light.on((132, 182, 206)))
    c.rect(x - 20, y - 76, x + 20, y - 54, light.on((150, 196, 214)), round=4)
    c.rect(x - 98, y - 40, x + 98, y - 30, stripe)
    c.rect(x + 40, y - 78, x + 86, y - 46, lighter(stripe, 0.1), round=6)
    c.polygon(marks.heart_outline(0.12, x + 63, y - 62), white)
    c.rect(x - 46, y - 93, x - 24, y - 86, (86, 150, 226), round=3)
    c.rect(x - 97, y - 28, x - 87, y - 20, mix(SUN, WHITE, 0.4), round=3)
    for wheel in (-58, 58):
        _wheel(c, x + wheel, y - 10, 16)


def person(
    c: Canvas, x: float, y: float, size: float, light: Light, chance: random.Random, *, coat: bool = False
) -> None:
    """Somebody walking, `size` high."""
    skin, hair = light.on(chance.choice(SKINS)), light.on(chance.choice(HAIRS))
    top = light.on((248, 250, 252)) if coat else light.on(chance.choice(CLOTHES))
    legs = light.on(chance.choice(((62, 74, 98), (92, 100, 116), (48, 56, 74), (150, 132, 116))))
    way = chance.choice((-1, 1))
    c.ellipse(x + size * 0.06, y, size * 0.2, size * 0.03, (20, 26, 46, 70))
    c.line([(x, y - size * 0.46), (x + way * size * 0.1, y - size * 0.02)], legs, size * 0.085)
    c.line([(x, y - size * 0.46), (x - way * size * 0.09, y - size * 0.02)], darker(legs, 0.2), size * 0.085)
    long = 0.36 if coat or chance.random() < 0.35 else 0.46
    c.polygon([*smooth([(x - size * 0.1, y - size * 0.8), (x, y - size * 0.83), (x + size * 0.1, y - size * 0.8)],
           steps=4),
               (x + size * 0.12, y - size * long), (x - size * 0.12, y - size * long)], top)  # fmt: skip
    c.line([(x + way * size * 0.09, y - size * 0.76), (x + way * size * 0.15, y - size * 0.58),
           (x + way * size * 0.2, y - size * 0.46)],
           darker(top, 0.1), size * 0.055)  # fmt: skip
    c.rect(x - size * 0.025, y - size * 0.86, x + size * 0.025, y - size * 0.78, darker(skin, 0.1))
    c.circle(x, y - size * 0.91, size * 0.075, skin)
    c.polygon(
        [
            (px, min(py, y - size * 0.928))
            for px, py in oval(x - way * size * 0.012, y - size * 0.93, size * 0.083, size * 0.078)
        ],
        hair,
    )
    if not coat and chance.random() < 0.4:
        c.circle(x - way * size * 0.07, y - size * 0.88, size * 0.04, hair)


def people(c: Canvas, light: Light, chance: random.Random, y: float) -> None:
    """Some who come and go, two of them in white coats."""
    places = sorted(chance.sample(range(440, 1440, 46), 8), key=lambda _x: chance.random())
    for number, x in enumerate(places):
        person(c, x, y + chance.uniform(-8, 20), chance.uniform(56, 64), light, chance, coat=number < 2)
