"""What stands in the rooms of a hospital. Most pieces are placed by the middle of their foot."""

import math
import random

from . import plants
from .canvas import Canvas, Colour, across, arc, down, oval, rounded, smooth
from .palette import INK, SUN, TEAL, WHITE, Light, Look, darker, lighter, mix, see_through

STEEL: Colour = (176, 188, 200)
SCREEN: Colour = (26, 44, 66)


def _shade(c: Canvas, x0: float, x1: float, y: float) -> None:
    c.soft(oval((x0 + x1) / 2, y, (x1 - x0) / 2, 12), (30, 40, 60, 100), 8)


# --- waiting and receiving --------------------------------------------------------------------------------------------


def reception(c: Canvas, x0: float, x1: float, y: float, look: Look, chance: random.Random) -> None:
    """A long desk with two people behind it."""
    _shade(c, x0 - 10, x1 + 10, y)
    for share, coat in ((0.32, False), (0.7, True)):
        x = x0 + (x1 - x0) * share
        skin = chance.choice(((246, 208, 178), (214, 162, 122), (164, 112, 78)))
        cloth = WHITE if coat else look.accent
        c.polygon(
            [*smooth([(x - 42, y - 96), (x - 36, y - 142), (x, y - 152), (x + 36, y - 142), (x + 42, y - 96)])], cloth
        )
        c.rect(x - 9, y - 166, x + 9, y - 146, mix(skin, (122, 48, 36), 0.12))
        c.circle(x, y - 184, 25, skin)
        hair = chance.choice(((44, 36, 38), (88, 60, 46)))
        c.polygon([(px, min(py, y - 195)) for px, py in oval(x, y - 189, 28, 27)], hair)
        c.line(arc(x, y - 182, 10, 8, 30, 150), (150, 70, 60), 2.4)
    c.rect(x0, y - 108, x1, y, across(lighter(look.wall, 0.4), look.wall, darker(look.wall, 0.08)), round=10)
    c.rect(x0, y - 52, x1, y - 44, see_through(look.accent, 200))
    c.rect(x0 + 12, y - 12, x1 - 12, y, darker(look.stone, 0.3))
    c.rect(x0 - 12, y - 120, x1 + 12, y - 102, lighter(look.stone, 0.5), round=8)
    c.rect(x0 + 170, y - 158, x0 + 226, y - 122, SCREEN, round=4)
    c.rect(x0 + 194, y - 124, x0 + 202, y - 116, darker(STEEL, 0.2))
    with c.at(x1 - 24, y - 118, scale=0.42):
        plants.house_plant(c, 0, 0, 150, look.leaf, WHITE, chance)


def pendant(c: Canvas, x: float, top: float, drop: float, look: Look) -> None:
    c.line([(x, top), (x, top + drop)], darker(look.stone, 0.5), 2.4)
    c.soft(oval(x, top + drop + 26, 56, 34), (255, 234, 184, 120), 22)
    c.polygon(
        [(x - 12, top + drop), (x + 12, top + drop), (x + 38, top + drop + 34), (x - 38, top + drop + 34)], look.accent
    )
    c.ellipse(x, top + drop + 34, 38, 8, (255, 244, 214))


def sofa(c: Canvas, x: float, y: float, wide: float, look: Look) -> None:
    cloth, half = mix(look.accent, (120, 130, 144), 0.3), wide / 2
    _shade(c, x - half, x + half, y + 2)
    for side in (-1, 1):
        c.rect(x + side * half * 0.86 - 4, y - 20, x + side * half * 0.86 + 4, y, darker(look.wood, 0.3))
    c.rect(x - half * 0.9, y - 124, x + half * 0.9, y - 40, down(lighter(cloth, 0.12), cloth), round=18)
    c.rect(x - half * 0.88, y - 68, x + half * 0.88, y - 18, lighter(cloth, 0.16), round=12)
    c.rect(x - 1.5, y - 66, x + 1.5, y - 20, darker(cloth, 0.16))
    for side in (-1, 1):
        c.rect(min(x + side * half, x + side * half * 0.8), y - 88, max(x + side * half, x + side * half * 0.8), y - 14,
               darker(cloth, 0.08), round=14)  # fmt: skip
    with c.at(x - half * 0.5, y - 84, angle=-8):
        c.rect(-30, -24, 30, 24, mix(SUN, look.wall, 0.25), round=10)


def low_table(c: Canvas, x: float, y: float, look: Look) -> None:
    c.ellipse(x, y + 2, 70, 10, (30, 40, 60, 60))
    for side in (-1, 1):
        c.line([(x + side * 40, y - 40), (x + side * 52, y)], darker(look.wood, 0.25), 6)
    c.ellipse(x, y - 42, 84, 17, darker(look.wood, 0.2))
    c.ellipse(x, y - 47, 84, 17, lighter(look.wood, 0.12))
    c.rect(x - 34, y - 56, x + 8, y - 50, look.accent, round=2)
    c.rect(x - 30, y - 61, x + 10, y - 55, WHITE, round=2)
    c.polygon([(x + 30, y - 66), (x + 50, y - 66), (x + 46, y - 48), (x + 34, y - 48)], WHITE)


def armchair(c: Canvas, x: float, y: float, look: Look) -> None:
    cloth = mix(SUN, (206, 150, 120), 0.45)
    _shade(c, x - 76, x + 76, y + 2)
    for side in (-1, 1):
        c.line([(x + side * 50, y - 24), (x + side * 60, y)], darker(look.wood, 0.3), 8)
    c.rect(x - 64, y - 166, x + 64, y - 40, down(lighter(cloth, 0.16), cloth), round=34)
    c.rect(x - 62, y - 76, x + 62, y - 26, lighter(cloth, 0.2), round=16)
    for side in (-1, 1):
        c.rect(x + side * 64 - 16, y - 104, x + side * 64 + 16, y - 22, darker(cloth, 0.06), round=16)


def stool(c: Canvas, x: float, y: float, look: Look) -> None:
    c.ellipse(x, y + 1, 52, 8, (30, 40, 60, 70))
    c.line([(x, y - 84), (x, y - 12)], STEEL, 9)
    for dx in (-40, 0, 40):
        c.line([(x, y - 16), (x + dx, y - 4)], darker(STEEL, 0.2), 7)
        c.circle(x + dx, y - 2, 5, INK)
    c.rect(x - 46, y - 104, x + 46, y - 82, look.accent, round=11)


def picture(c: Canvas, x: float, y: float, look: Look, chance: random.Random) -> None:
    """A small landscape in a frame; y is its upper edge."""
    c.rect(x - 66, y - 20, x + 66, y + 50, (30, 40, 60, 40))
    c.rect(x - 68, y - 24, x + 64, y + 46, WHITE)
    inner = rounded(x - 60, y - 16, x + 56, y + 38)
    with c.within(inner):
        c.rect(x - 60, y - 16, x + 56, y + 38, down(lighter(look.accent, 0.72), lighter(SUN, 0.6)))
        c.circle(x + chance.uniform(-20, 26), y + 6, 10, mix(SUN, (238, 118, 98), 0.3))
        c.polygon(arc(x - 30, y + 46, 54, 32, 180, 360), mix(look.leaf, WHITE, 0.3))
        c.polygon(arc(x + 36, y + 48, 60, 28, 180, 360), look.leaf)


def curtain(c: Canvas, x: float, y0: float, y1: float, cloth: Colour, wide: float) -> None:
    folds = 5
    c.rect(x - 8, y0 - 8, x + wide + 8, y0, darker(cloth, 0.4), round=4)
    for number in range(folds):
        start = x + wide * number / folds
        c.rect(start, y0, start + wide / folds + 1, y1, across(lighter(cloth, 0.24), darker(cloth, 0.12)))


# --- at the bed -------------------------------------------------------------------------------------------------------


def bed(c: Canvas, x0: float, x1: float, y: float, look: Look) -> None:
    """A made bed from the side, its head on the right."""
    _shade(c, x0 - 10, x1 + 20, y + 4)
    for x in (x0 + 50, x1 - 50):
        c.line([(x, y - 70), (x, y - 14)], darker(STEEL, 0.12), 11)
        c.circle(x, y - 9, 10, (66, 76, 92))
        c.circle(x, y - 9, 4, STEEL)
    c.rect(x0 + 8, y - 96, x1 - 6, y - 68, down(lighter(STEEL, 0.4), STEEL), round=10)
    c.rect(x1 - 14, y - 214, x1 + 8, y - 62, down(lighter(look.wood, 0.12), darker(look.wood, 0.1)), round=9)
    c.rect(x0 - 4, y - 158, x0 + 14, y - 62, down(lighter(look.wood, 0.12), darker(look.wood, 0.1)), round=8)
    c.rect(x0 + 14, y - 126, x1 - 14, y - 90, (250, 250, 252), round=12)
    c.polygon(
        [(x1 - 150, y - 122), (x1 - 30, y - 172), (x1 - 14, y - 140), (x1 - 14, y - 108), (x1 - 150, y - 108)],
        (246, 248, 252),
    )
    with c.at(x1 - 74, y - 166, angle=-22):
        c.rect(-58, -24, 58, 22, down(WHITE, (224, 232, 242)), round=20)
    blanket = mix(look.accent, WHITE, 0.28)
    c.polygon([*smooth([(x0 + 10, y - 138), (x0 + 130, y - 146), (x0 + 250, y - 140), (x1 - 156, y - 136)]),
           (x1 - 150, y - 84), (x0 + 10, y - 84)],
              down(lighter(blanket, 0.2), blanket))  # fmt: skip
    c.polygon([(x1 - 196, y - 139), (x1 - 152, y - 137), (x1 - 148, y - 84), (x1 - 190, y - 84)], (250, 250, 252))
    for x in (x0 + 84, x0 + 168):
        c.line(smooth([(x, y - 138), (x + 8, y - 112), (x + 2, y - 88)]), see_through(darker(blanket, 0.3), 90), 3)
    c.line([(x1 - 130, y - 90), (x1 - 126, y - 146), (x1 - 40, y - 168), (x1 - 38, y - 92)], lighter(STEEL, 0.3), 6)
    c.line([(x1 - 84, y - 158), (x1 - 84, y - 92)], lighter(STEEL, 0.3), 5)


def bedside(c: Canvas, x: float, y: float, look: Look, chance: random.Random) -> None:
    _shade(c, x - 50, x + 50, y + 2)
    c.rect(x - 48, y - 118, x + 48, y - 8, across(lighter(look.wood, 0.2), look.wood), round=6)
    for top in (108, 62):
        c.rect(x - 40, y - top, x + 40, y - top + 38, see_through(lighter(look.wood, 0.3), 140), round=4)
        c.rect(x - 12, y - top + 15, x + 12, y - top + 20, darker(look.wood, 0.4), round=2)
    c.rect(x - 54, y - 126, x + 54, y - 116, lighter(look.stone, 0.5), round=4)
    c.polygon([(x - 28, y - 166), (x + 4, y - 166), (x, y - 126), (x - 24, y - 126)], (190, 222, 232))
    for number in range(7):
        angle = math.radians(-150 + number * 20)
        tip = (x - 12 + math.cos(angle) * 44, y - 166 + math.sin(angle) * 46)
        c.line([(x - 12, y - 160), tip], darker(look.leaf, 0.1), 3)
        c.circle(*tip, 11, chance.choice(((238, 130, 140), (250, 214, 120), (252, 250, 246), (178, 140, 206))))
        c.circle(*tip, 4, SUN)
    c.polygon([(x + 22, y - 152), (x + 42, y - 152), (x + 39, y - 126), (x + 25, y - 126)], (206, 230, 240, 220))


def drip(c: Canvas, x: float, y: float, look: Look) -> None:
    c.line([(x, y - 380), (x, y - 10)], STEEL, 6)
    c.line([(x - 28, y - 378), (x + 28, y - 378)], STEEL, 6)
    for dx in (-32, 0, 32):
        c.line([(x, y - 14), (x + dx, y)], darker(STEEL, 0.15), 6)
        c.circle(x + dx, y + 2, 5, INK)
    c.polygon(rounded(x + 8, y - 368, x + 46, y - 290, 8), (222, 238, 244))
    c.polygon(rounded(x + 8, y - 332, x + 46, y - 290, 8), mix(look.accent, WHITE, 0.55))
    c.line(smooth([(x + 27, y - 290), (x + 30, y - 220), (x + 60, y - 170), (x + 110, y - 140)]), (196, 214, 224), 3)
    c.rect(x - 20, y - 236, x + 14, y - 186, WHITE, round=6)
    c.rect(x - 15, y - 230, x + 9, y - 210, SCREEN, round=3)


def _trace(c: Canvas, x0: float, x1: float, y: float, size: float, colour: Colour) -> None:
    """A heartbeat from left to right."""
    points, x = [(x0, y)], x0
    while x < x1 - 30:
        points += [(x + 12, y), (x + 16, y - size), (x + 21, y + size * 0.6), (x + 25, y), (x + 38, y)]
        x += 38
    c.line([*points, (x1, y)], colour, 2.6)


def vital_monitor(c: Canvas, x: float, y: float, chance: random.Random) -> None:
    c.line([(x, y + 20), (x + 60, y + 50)], STEEL, 8)
    c.rect(x - 72, y - 54, x + 72, y + 46, (240, 243, 247), round=10)
    c.rect(x - 64, y - 46, x + 64, y + 36, SCREEN, round=5)
    _trace(c, x - 58, x + 34, y - 22, 16, (110, 224, 170))
    c.line(smooth([(x - 58 + step * 11.5, y + 8 + (6 if step % 2 else -6)) for step in range(9)]), (110, 190, 240), 2.6)
    c.line(smooth([(x - 58 + step * 15.3, y + 26 + chance.uniform(-3, 3)) for step in range(7)]), SUN, 2.6)
    for row, tone in enumerate(((110, 224, 170), (110, 190, 240), SUN)):
        c.rect(x + 42, y - 34 + row * 24, x + 58, y - 24 + row * 24, tone, round=3)


# --- in the theatre and at the scanner --------------------------------------------------------------------------------


def swing_door(c: Canvas, x0: float, x1: float, y: float, look: Look) -> None:
    top, middle = 190, (x0 + x1) / 2
    c.rect(x0 - 10, top - 10, x1 + 10, y, lighter(STEEL, 0.4))
    for left, right in ((x0, middle - 2), (middle + 2, x1)):
        c.rect(left, top, right, y, across(mix(look.accent, WHITE, 0.42), mix(look.accent, WHITE, 0.3)))
        c.rect((left + right) / 2 - 17, top + 40, (left + right) / 2 + 17, top + 140, (198, 224, 234), round=16)
        c.rect(left + 5, y - 70, right - 5, y - 12, lighter(STEEL, 0.3), round=3)


def wall_screens(c: Canvas, x: float, y: float, look: Look, chance: random.Random) -> None:
    """Two screens: a scan and the readings."""
    for left in (x, x + 180):
        c.rect(left - 2, y + 4, left + 164, y + 120, (30, 40, 60, 60), round=8)
        c.rect(left, y, left + 162, y + 114, (58, 70, 86), round=8)
        c.rect(left + 7, y + 7, left + 155, y + 107, SCREEN, round=4)
    for dx, size in ((0, 40), (0, 32)):
        c.ellipse(x + 80 + dx, y + 57, size, size * 0.95, (150, 168, 190) if size == 40 else (84, 104, 132))
    for side in (-1, 1):
        c.ellipse(x + 80 + side * 14, y + 54, 10, 20, (120, 140, 168))
    _trace(c, x + 192, x + 326, y + 32, 16, (110, 224, 170))
    _trace(c, x + 192, x + 326, y + 62, 10, (240, 130, 120))
    c.line(
        smooth([(x + 192 + step * 16.7, y + 88 + (6 if step % 2 else -6)) for step in range(9)]), (110, 190, 240), 2.6
    )


def theatre_lamp(c: Canvas, x: float, y: float, look: Look) -> None:
    c.line([(x + 60, 60), (x + 60, y - 80), (x, y - 30)], lighter(STEEL, 0.3), 12)
    c.circle(x + 60, y - 80, 11, STEEL)
    c.polygon(arc(x, y, 112, 50, 180, 360), down(WHITE, (214, 224, 232)))
    c.ellipse(x, y, 112, 26, (206, 216, 224))
    c.ellipse(x, y + 1, 98, 20, (255, 253, 238))
    for number in range(7):
        angle = 2 * math.pi * number / 7
        c.ellipse(x + math.cos(angle) * 62, y + 1 + math.sin(angle) * 12, 18, 5, (255, 240, 190))
    c.line([(x, y + 24), (x, y + 44)], darker(look.accent, 0.1), 9)


def operating_table(c: Canvas, x0: float, x1: float, y: float, look: Look) -> None:
    middle = (x0 + x1) / 2
    c.soft(oval(middle, y, (x1 - x0) * 0.4, 18), (30, 40, 60, 110), 10)
    c.rect(middle - 84, y - 22, middle + 84, y, (120, 134, 150), round=10)
    c.polygon(
        [(middle - 30, y - 130), (middle + 30, y - 130), (middle + 44, y - 16), (middle - 44, y - 16)],
        down(lighter(STEEL, 0.4), STEEL),
    )
    c.rect(x0, y - 160, x1, y - 132, (66, 82, 102), round=12)
    drape = mix(look.accent, (60, 146, 150), 0.5)
    sheet = [*smooth([(x0 - 8, y - 168), (x0 + 120, y - 190), (middle, y - 186), (x1 - 90, y - 178), (x1 + 8,
           y - 166)]), (x1 + 12, y - 84),
             *smooth([(x1 + 12, y - 84), (x1 - 60, y - 70), (middle + 60, y - 82), (middle - 60, y - 66), (x0 + 60,
             y - 80), (x0 - 12, y - 70)])]  # fmt: skip
    c.polygon(sheet, down(lighter(drape, 0.24), darker(drape, 0.06)))
    for x in (x0 + 50, x0 + 130, middle + 30, x1 - 60):
        c.line(smooth([(x, y - 160), (x + 8, y - 120), (x - 2, y - 84)]), see_through(darker(drape, 0.4), 80), 4)


def anaesthesia(c: Canvas, x: float, y: float, look: Look, chance: random.Random) -> None:
    _shade(c, x - 80, x + 80, y)
    for dx in (-56, 56):
        c.circle(x + dx, y - 6, 9, INK)
    c.rect(x - 70, y - 180, x + 70, y - 14, across(WHITE, (222, 230, 238)), round=10)
    for top in (160, 116, 72):
        c.rect(x - 58, y - top, x + 58, y - top + 32, (232, 238, 243), round=5)
        c.rect(x - 14, y - top + 13, x + 14, y - top + 18, STEEL, round=2)
    c.rect(x - 80, y - 196, x + 80, y - 178, look.accent, round=6)
    c.rect(x + 16, y - 246, x + 56, y - 196, (150, 198, 214, 200), round=8)
    for row in range(4):
        c.rect(x + 18, y - 240 + row * 11, x + 54, y - 235 + row * 11, (90, 130, 150))
    c.line(smooth([(x + 56, y - 210), (x + 110, y - 236), (x + 150, y - 190)]), (150, 190, 206), 8)
    c.line([(x - 30, y - 196), (x - 30, y - 270)], STEEL, 8)
    with c.at(x - 30, y - 300):
        vital_monitor(c, 0, 0, chance)


def instrument_trolley(c: Canvas, x: float, y: float, look: Look) -> None:
    c.ellipse(x, y + 2, 120, 10, (30, 40, 60, 70))
    for dx in (-92, 92):
        c.line([(x + dx, y - 146), (x + dx, y - 8)], STEEL, 7)
        c.circle(x + dx, y - 4, 8, INK)
    c.rect(x - 100, y - 56, x + 100, y - 46, lighter(STEEL, 0.2), round=4)
    c.rect(x - 112, y - 156, x + 112, y - 142, lighter(STEEL, 0.4), round=6)
    c.polygon([(x - 106, y - 156), (x + 106, y - 156), (x + 98, y - 120), (x - 98, y - 120)], mix(TEAL, WHITE, 0.4))
    for number in range(7):
        left = x - 84 + number * 26
        c.line([(left, y - 160), (left + 14, y - 166)], (232, 238, 243), 4)
    c.polygon(arc(x + 70, y - 160, 22, 20, 0, 180), lighter(STEEL, 0.3))
    c.rect(x - 70, y - 86, x - 10, y - 56, mix(look.accent, WHITE, 0.2), round=5)
    c.rect(x + 10, y - 76, x + 70, y - 56, WHITE, round=5)


def control_window(c: Canvas, x0: float, y0: float, x1: float, y1: float, look: Look) -> None:
    c.rect(x0 - 8, y0 - 8, x1 + 8, y1 + 8, lighter(look.stone, 0.5), round=8)
    c.rect(x0, y0, x1, y1, down((66, 96, 122), (44, 68, 92)), round=4)
    with c.within(rounded(x0, y0, x1, y1, 4)):
        c.rect(x0 + 20, y1 - 66, x0 + 84, y1 - 24, (130, 196, 214), round=4)
        c.rect(x0 + 94, y1 - 66, x0 + 146, y1 - 24, (96, 150, 180), round=4)
        c.circle(x0 + 76, y0 + 60, 21, (214, 162, 122))
        c.polygon([(px, min(py, y0 + 50)) for px, py in oval(x0 + 76, y0 + 56, 23, 23)], (44, 36, 38))
        c.polygon(arc(x0 + 76, y0 + 140, 48, 58, 180, 360), (236, 242, 246))
        c.rect(x0 + 20, y1 - 66, x0 + 84, y1 - 24, (130, 196, 214), round=4)
        c.rect(x0, y1 - 20, x1, y1, (34, 52, 72))
        c.polygon([(x0 + 30, y1), (x0 + 100, y0), (x0 + 130, y0), (x0 + 60, y1)], (255, 255, 255, 30))


def sky_ceiling(c: Canvas, x0: float, x1: float, chance: random.Random) -> None:
    """Lit panels with blossom before a blue sky, to look at while lying."""
    panel = [(x0 + 60, 6), (x1 - 60, 6), (x1, 66), (x0, 66)]
    c.soft(panel, (226, 244, 255, 200), 26)
    with c.within(panel):
        c.rect(x0, 0, x1, 70, down((120, 190, 232), (186, 224, 244)))
        c.line(smooth([(x0, 20), (x0 + 150, 30), (x0 + 320, 16), (x0 + 470, 34)]), (140, 104, 84), 6)
        for _ in range(46):
            x = chance.uniform(x0, x1 - 60)
            c.circle(
                x,
                chance.uniform(8, 56),
                chance.uniform(5, 10),
                chance.choice(((250, 206, 216), (255, 232, 238), (244, 176, 194))),
            )
    for number in range(1, 4):
        share = number / 4
        c.line([(x0 + 60 + (x1 - x0 - 120) * share, 6), (x0 + (x1 - x0) * share, 66)], WHITE, 5)


def scanner(c: Canvas, x: float, y: float, look: Look) -> None:
    """A scanner from the front with its couch drawn out."""
    c.rect(x - 216, y - 206, x + 216, y + 248, across(lighter(STEEL, 0.4), WHITE, WHITE, (206, 216, 226)), round=120)
    c.rect(x - 236, y + 196, x + 236, y + 256, down((226, 234, 240), (190, 202, 214)), round=18)
    c.circle(x, y, 178, (226, 234, 241))
    c.circle(x, y, 168, WHITE)
    c.ring(x, y, 150, mix(look.accent, WHITE, 0.1), 9)
    c.circle(x, y, 126, (206, 218, 228))
    c.circle(x, y, 116, (120, 140, 164))
    c.circle(x, y + 4, 104, (66, 86, 112))
    c.soft(oval(x, y - 10, 70, 60), (170, 214, 240, 150), 20)
    couch = [(x - 62, y + 62), (x + 62, y + 62), (x + 112, y + 256), (x - 112, y + 256)]
    c.polygon(
        [(x - 76, y + 150), (x + 76, y + 150), (x + 96, y + 330), (x - 96, y + 330)],
        down((190, 202, 214), (160, 174, 190)),
    )
    c.soft(oval(x, y + 336, 130, 16), (30, 44, 70, 100), 10)
    c.polygon(couch, down((196, 208, 220), WHITE))
    c.polygon(
        [(x - 48, y + 66), (x + 48, y + 66), (x + 92, y + 246), (x - 92, y + 246)],
        down(mix(look.accent, WHITE, 0.25), mix(look.accent, WHITE, 0.5)),
    )
    c.polygon([(x - 112, y + 256), (x + 112, y + 256), (x + 106, y + 276), (x - 106, y + 276)], (206, 216, 226))
    c.ellipse(x, y + 92, 40, 15, WHITE)
    for side in (-1, 1):
        c.rect(x + side * 190 - 15, y - 44, x + side * 190 + 15, y + 44, (60, 78, 102), round=9)
        for row, tone in enumerate(((110, 224, 170), SUN, (110, 190, 240))):
            c.circle(x + side * 190, y - 26 + row * 26, 6, tone)
    c.polygon(arc(x, y, 202, 196, 200, 250, 12) + arc(x, y, 184, 178, 250, 200, 12), (255, 255, 255, 200))


def pond(c: Canvas, x: float, y: float, wide: float, light: Light, look: Look) -> None:
    c.ellipse(x, y + 5, wide + 12, wide * 0.32 + 10, lighter(look.stone, 0.1))
    water = oval(x, y, wide, wide * 0.3)
    c.polygon(water, down((150, 208, 222), (86, 166, 190)))
    with c.within(water):
        for dx, dy, size in ((-0.4, -0.1, 0.3), (0.2, 0.12, 0.4), (0.4, -0.14, 0.2), (-0.2, 0.2, 0.24)):
            c.line([(x + dx * wide, y + dy * wide), (x + (dx + size) * wide, y + dy * wide)], (255, 255, 255, 110), 3)
    for dx, dy in ((-0.5, 0.06), (-0.3, 0.14), (0.44, 0.1)):
        c.ellipse(x + dx * wide, y + dy * wide, 25, 9, darker(look.leaf, 0.06))
        c.circle(x + dx * wide + 4, y + dy * wide - 6, 8, (246, 178, 196))
    for dx in (-16, 0, 16):
        c.line(smooth([(x, y - 6), (x + dx, y - 66), (x + dx * 3, y - 20)]), (255, 255, 255, 190), 4)
