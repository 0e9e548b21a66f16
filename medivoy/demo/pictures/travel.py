"""A package's picture: the city one travels to, seen from a terrace with what one brings."""

import random

from . import landscape, marks, places, plants
from .canvas import Canvas, Colour, across, arc, down, oval, rounded, smooth
from .palette import CORAL, NAVY, SUN, TEAL, WHITE, Light, darker, dice, light_at, lighter, mix, see_through

WIDTH, HEIGHT = 1200, 800
HORIZON = 560
#: Where the terrace begins.
EDGE = 640

_ACCENTS: tuple[Colour, ...] = (TEAL, CORAL, NAVY, (214, 150, 52), (122, 96, 158), (46, 122, 92))


def package_picture(code: str, country: str, city: str = "") -> bytes:
    """A package's picture, 1200 by 800, as JPEG."""
    chance = dice("package", code)
    light = light_at(chance.choice((7, 9, 12, 17, 17, 19)))
    accent = chance.choice(_ACCENTS)
    c = Canvas(WIDTH, HEIGHT)
    landscape.sky(c, light, chance, horizon=HORIZON, sun_x=chance.uniform(0.44, 0.6))
    places.scenery(country, city, chance)(c, light, chance, HORIZON)
    palms = places.has_palms(country, city)
    _plane(c, light, chance, accent)
    _shore(c, light, chance, palms=palms)
    _terrace(c, light)
    chance.choice((_arriving, _resting, _coffee))(c, light, chance, accent)
    _near_plants(c, light, chance, palms=palms)
    if chance.random() < 0.5:
        c.mirror()
    return c.jpeg(86)


def _plane(c: Canvas, light: Light, chance: random.Random, accent: Colour) -> None:
    """A plane at the end of a dotted arc that begins at a heart-shaped pin."""
    y = chance.uniform(110, 150)
    points = smooth([(330, y + 130), (520, y + 16), (720, y - 24), (930, y + 4)], steps=24)
    for first, second in zip(points[::4], points[2::4], strict=False):
        c.line([first, second], see_through(WHITE, 220), 5)
    x, pin = points[0]
    c.polygon([*arc(x, pin - 46, 30, 30, 150, 390), (x, pin + 6)], light.on(accent))
    c.polygon(marks.heart_outline(0.15, x, pin - 45), WHITE)
    with c.at(970, y + 8, angle=12, scale=1.05):
        _aircraft(c, light, accent)


def _aircraft(c: Canvas, light: Light, accent: Colour) -> None:
    """Seen from the side, flying to the right."""
    body, tail = light.on((252, 252, 254)), light.on(accent)
    c.polygon([(10, -8), (-30, -66), (-10, -66), (52, -8)], light.on((214, 222, 232)))
    c.polygon([(-92, -10), (-124, -62), (-100, -62), (-52, -10)], tail)
    c.polygon(
        [
            *smooth([(-122, -6), (-60, -18), (40, -20), (98, -12), (120, 2)]),
            *smooth([(120, 2), (96, 14), (20, 20), (-70, 16), (-122, -6)]),
        ],
        body,
    )
    c.polygon(
        [
            *smooth([(-122, -6), (-70, 10), (20, 14), (116, 5)]),
            *smooth([(116, 5), (96, 14), (20, 20), (-70, 16), (-122, -6)]),
        ],
        darker(body, 0.1),
    )
    for number in range(9):
        c.rect(-58 + number * 15, -10, -50 + number * 15, -2, light.on((104, 160, 196)), round=3)
    c.polygon([(92, -12), (104, -7), (100, -2), (86, -4)], light.on((104, 160, 196)))
    c.polygon([(20, 6), (-40, 62), (-14, 62), (56, 6)], light.on((232, 238, 244)))
    c.polygon([(-98, -4), (-126, 14), (-110, 14), (-72, -2)], light.on((214, 222, 232)))


def _shore(c: Canvas, light: Light, chance: random.Random, *, palms: bool) -> None:
    """A green bank between the city and the terrace."""
    leaf = light.on((96, 152, 108))
    c.rect(0, HORIZON - 2, WIDTH, HEIGHT, down(mix(leaf, light.haze, 0.3), leaf))
    x = -10.0
    while x < WIDTH + 30:
        tone = mix(leaf, light.haze, chance.uniform(0.05, 0.25))
        if palms and chance.random() < 0.35:
            plants.palm(c, x, EDGE - 12, chance.uniform(130, 180), tone, chance)
        else:
            plants.round_tree(c, x, EDGE + 6, chance.uniform(80, 120), tone, chance)
        x += chance.uniform(44, 90)
    plants.hedge(c, -10, WIDTH + 10, EDGE + 4, 40, leaf)


def _terrace(c: Canvas, light: Light) -> None:
    stone = light.on((240, 226, 206))
    c.rect(0, EDGE, WIDTH, HEIGHT, down(darker(stone, 0.06), stone))
    for x in range(-600, 1900, 140):
        c.line([(600 + (x - 600) * 0.62, EDGE), (x, HEIGHT)], see_through(darker(stone, 0.3), 60), 2)
    for y in (676, 728):
        c.line([(0, y), (WIDTH, y)], see_through(darker(stone, 0.3), 50), 2)
    rail = light.on((250, 248, 244))
    for x in range(-20, WIDTH + 20, 92):
        c.rect(x, EDGE - 76, x + 9, EDGE + 4, darker(rail, 0.08))
    c.rect(0, EDGE - 62, WIDTH, EDGE - 4, see_through(light.on((196, 226, 236)), 84))
    c.rect(0, EDGE - 86, WIDTH, EDGE - 72, down(rail, darker(rail, 0.1)))
    c.rect(0, EDGE - 2, WIDTH, EDGE + 8, darker(stone, 0.12))


def _shade(c: Canvas, x: float, y: float, half: float) -> None:
    c.soft(oval(x + half * 0.14, y, half, half * 0.14), (40, 40, 70, 120), 7)


# --- what stands on the terrace ---------------------------------------------------------------------------------------


def suitcase(c: Canvas, x: float, y: float, light: Light, accent: Colour, *, tall: float = 230) -> None:
    wide, shell = tall * 0.36, light.on(accent)
    _shade(c, x, y, wide * 1.2)
    for side in (-1, 1):
        c.line(
            [(x + side * wide * 0.42, y - tall * 0.8), (x + side * wide * 0.42, y - tall * 1.24)],
            light.on((150, 160, 172)),
            8,
        )
        c.circle(x + side * wide * 0.7, y - 7, 10, (52, 58, 72))
    c.line([(x - wide * 0.42, y - tall * 1.24), (x + wide * 0.42, y - tall * 1.24)], light.on((70, 78, 94)), 15)
    c.rect(x - wide, y - tall, x + wide, y - 12, across(lighter(shell, 0.16), shell, darker(shell, 0.14)), round=24)
    for number in range(4):
        left = x - wide * 0.7 + number * wide * 0.46
        c.rect(left, y - tall * 0.92, left + 7, y - tall * 0.12, see_through(darker(shell, 0.4), 80), round=3)
    c.circle(x + wide * 0.1, y - tall * 0.56, wide * 0.44, light.on((252, 252, 250)))
    c.polygon(
        marks.heart_outline(wide * 0.0024, x + wide * 0.1, y - tall * 0.56 + 2),
        light.on(mix(accent, CORAL, 0.5) if accent != CORAL else TEAL),
    )


def _travel_bag(c: Canvas, x: float, y: float, light: Light, tone: Colour) -> None:
    cloth = light.on(tone)
    _shade(c, x, y, 96)
    c.line(arc(x, y - 88, 44, 56, 180, 360), darker(cloth, 0.35), 11)
    c.polygon(
        smooth(
            [
                (x - 96, y - 2),
                (x - 100, y - 60),
                (x - 72, y - 96),
                (x + 72, y - 96),
                (x + 100, y - 60),
                (x + 96, y - 2),
            ],
            closed=True,
        ),
        down(lighter(cloth, 0.12), cloth),
    )
    c.line([(x - 70, y - 84), (x + 70, y - 84)], darker(cloth, 0.35), 5)
    c.rect(x - 46, y - 58, x + 46, y - 14, darker(cloth, 0.12), round=8)


def _arriving(c: Canvas, light: Light, chance: random.Random, accent: Colour) -> None:
    """A suitcase and a bag, just set down."""
    suitcase(c, 860, 762, light, accent)
    _travel_bag(c, 1010, 772, light, mix((196, 140, 96), accent, 0.12))
    suitcase(c, 730, 770, light, mix(accent, SUN, 0.6), tall=170)
    _hat(c, 730, 596, light, accent)


def _hat(c: Canvas, x: float, y: float, light: Light, accent: Colour) -> None:
    straw = light.on((246, 218, 164))
    c.ellipse(x, y, 86, 19, darker(straw, 0.1))
    c.polygon([*arc(x, y - 18, 48, 46, 180, 360), (x + 52, y), (x - 52, y)], straw)
    c.polygon([(x - 50, y - 20), (x + 50, y - 20), (x + 53, y - 2), (x - 53, y - 2)], light.on(accent))


def _resting(c: Canvas, light: Light, chance: random.Random, accent: Colour) -> None:
    """A deck chair under a parasol, and a small table."""
    wood, cloth = light.on((186, 136, 92)), light.on(accent)
    _shade(c, 800, 770, 230)
    c.line([(960, 770), (960, 330)], light.on((236, 232, 224)), 11)
    top = [*smooth([(730, 400), (820, 320), (960, 286)]), *smooth([(960, 286), (1100, 320), (1190, 400)])]
    c.polygon(
        [*top, *smooth([(1190, 400), (1120, 388), (1060, 402), (960, 388), (860, 402), (800, 388), (730, 400)])], cloth
    )
    for left, right in ((800, 860), (960, 1060)):
        c.polygon([*smooth([(960, 286), ((left + 960) / 2 - 16, 330), (left, 390)]), *smooth([(right, 398),
               ((right + 960) / 2 - 2, 330), (960, 286)])],
                  light.on((252, 250, 244)))  # fmt: skip
    c.line([(650, 766), (700, 700)], darker(wood, 0.2), 13)
    c.line([(860, 766), (820, 700)], darker(wood, 0.2), 13)
    c.line([(600, 708), (850, 708), (944, 574)], wood, 17)
    c.polygon([(606, 700), (842, 700), (932, 572), (952, 586), (860, 716), (606, 716)], lighter(cloth, 0.25))
    c.polygon([(606, 700), (842, 700), (846, 708), (606, 708)], lighter(cloth, 0.5))
    with c.at(912, 612, angle=-54):
        c.rect(-44, -17, 44, 17, light.on(WHITE), round=15)
    _side_table(c, 1060, 772, light, accent)
    suitcase(c, 520, 774, light, mix(accent, NAVY, 0.4), tall=150)


def _side_table(c: Canvas, x: float, y: float, light: Light, accent: Colour) -> None:
    wood = light.on((186, 136, 92))
    _shade(c, x, y, 70)
    for side in (-1, 1):
        c.line([(x, y - 84), (x + side * 46, y)], darker(wood, 0.16), 9)
    c.ellipse(x, y - 86, 82, 16, darker(wood, 0.2))
    c.ellipse(x, y - 91, 82, 16, lighter(wood, 0.14))
    c.polygon([(x - 42, y - 156), (x - 6, y - 156), (x - 12, y - 94), (x - 36, y - 94)], light.on((250, 206, 120)))
    c.polygon([(x - 42, y - 156), (x - 6, y - 156), (x - 7, y - 142), (x - 41, y - 142)], light.on((236, 246, 250)))
    c.line([(x - 24, y - 150), (x - 4, y - 186)], light.on(accent), 5)
    c.circle(x - 44, y - 154, 15, light.on((252, 180, 70)))
    c.rect(x + 8, y - 108, x + 66, y - 98, light.on(accent), round=3)
    c.rect(x + 12, y - 118, x + 62, y - 108, light.on(WHITE), round=3)


def _coffee(c: Canvas, light: Light, chance: random.Random, accent: Colour) -> None:
    """A table in the foreground: passports, a folder with the plan of care, a cup, glasses."""
    wood = light.on((202, 152, 108))
    c.ellipse(780, 782, 470, 122, darker(wood, 0.3))
    c.ellipse(780, 766, 470, 120, down(lighter(wood, 0.16), wood))
    with c.at(640, 724, angle=-8):
        c.polygon([(-96, 44), (96, 44), (76, -38), (-70, -38)], (40, 40, 70, 60))
        c.polygon([(-100, 36), (96, 36), (74, -44), (-72, -44)], light.on((252, 252, 252)))
        c.polygon([(-100, 36), (96, 36), (92, 22), (-96, 22)], light.on(accent))
        c.polygon(marks.heart_outline(0.19, -38, -10), light.on(CORAL if accent != CORAL else TEAL))
        for row in range(4):
            c.line([(0, -30 + row * 13), (62 + row * 3, -30 + row * 13)], light.on((206, 214, 222)), 5)
    with c.at(830, 738, angle=10):
        for dx, dy, tone in ((16, 10, (120, 52, 62)), (0, 0, NAVY)):
            c.polygon(rounded(-58 + dx, -42 + dy, 58 + dx, 40 + dy, 9), light.on(tone))
        c.ring(0, -6, 19, light.on((236, 206, 130)), 4)
        c.line([(-19, -6), (19, -6)], light.on((236, 206, 130)), 3)
        c.line(arc(0, -6, 8, 19, 0, 360), light.on((236, 206, 130)), 3)
        c.line([(-26, 24), (26, 24)], light.on((236, 206, 130)), 4)
    x, y = 1000, 724
    c.ellipse(x, y + 10, 82, 23, light.on((236, 238, 240)))
    c.ellipse(x, y + 6, 74, 19, light.on((250, 250, 250)))
    c.line(arc(x + 52, y - 30, 24, 24, -90, 90), light.on((236, 238, 240)), 11)
    c.polygon(
        [
            *smooth([(x - 54, y - 66), (x - 48, y - 20), (x - 24, y + 8)]),
            *smooth([(x + 24, y + 8), (x + 48, y - 20), (x + 54, y - 66)]),
        ],
        across(light.on(WHITE), light.on((222, 228, 234))),
    )
    c.ellipse(x, y - 66, 54, 14, light.on((244, 246, 248)))
    c.ellipse(x, y - 64, 46, 10, light.on((120, 78, 54)))
    for dx in (-16, 14):
        c.line(
            smooth([(x + dx, y - 90), (x + dx + 10, y - 112), (x + dx - 6, y - 132), (x + dx + 4, y - 154)]),
            (255, 255, 255, 120),
            6,
        )


def _near_plants(c: Canvas, light: Light, chance: random.Random, *, palms: bool) -> None:
    """A potted plant on the left, and leaves that hang into the picture."""
    leaf = light.on((72, 136, 96))
    plants.house_plant(c, 120, 782, 300, leaf, light.on((226, 132, 96)), chance)
    plants.house_plant(c, 262, 778, 180, lighter(leaf, 0.12), light.on((250, 246, 240)), chance)
    for number in range(7):
        tone = mix(darker(leaf, 0.06 * (number % 3)), (86, 150, 96), 0.3 if palms else 0)
        with c.at(20 + number * 46, number * 2 - 18, angle=150 + number * 9):
            c.polygon(marks.leaf_outline(150 - number * 12, 42), tone)
