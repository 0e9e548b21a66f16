"""What grows around the houses and stands in the rooms. Each plant is drawn upwards from the middle of its foot."""

import math
import random

from .canvas import Canvas, Colour, arc, down, smooth
from .palette import darker, lighter, mix, see_through

BARK: Colour = (134, 100, 76)


def round_tree(c: Canvas, x: float, y: float, size: float, leaf: Colour, chance: random.Random) -> None:
    """A tree with a crown of overlapping rounds, `size` high."""
    trunk = mix(BARK, leaf, 0.15)
    c.polygon([(x - size * 0.03, y), (x - size * 0.018, y - size * 0.5), (x + size * 0.018, y - size * 0.5),
               (x + size * 0.03, y)], trunk)  # fmt: skip
    c.line([(x, y - size * 0.32), (x + size * 0.12, y - size * 0.5)], trunk, size * 0.022)
    lean = chance.uniform(-0.03, 0.03) * size
    rounds = [(-0.17, 0.50, 0.17), (0.17, 0.52, 0.16), (0.0, 0.66, 0.24), (-0.1, 0.78, 0.15), (0.11, 0.8, 0.14)]
    for dx, dy, radius in rounds:
        c.circle(x + lean + dx * size, y - dy * size, radius * size, darker(leaf, 0.14))
    for dx, dy, radius in rounds[2:]:
        c.circle(x + lean + (dx - 0.03) * size, y - (dy + 0.02) * size, radius * size * 0.86, leaf)
    c.circle(x + lean - 0.08 * size, y - 0.76 * size, size * 0.1, lighter(leaf, 0.16))


def oval_tree(c: Canvas, x: float, y: float, size: float, leaf: Colour) -> None:
    """A slim tree, lit from the left."""
    c.rect(x - size * 0.018, y - size * 0.4, x + size * 0.018, y, mix(BARK, leaf, 0.15))
    c.ellipse(x, y - size * 0.6, size * 0.21, size * 0.4, darker(leaf, 0.16))
    with c.within(arc(x, y - size * 0.6, size * 0.21, size * 0.4, 0, 360, 48)):
        c.ellipse(x - size * 0.07, y - size * 0.64, size * 0.18, size * 0.38, leaf)
        c.ellipse(x - size * 0.1, y - size * 0.72, size * 0.1, size * 0.2, lighter(leaf, 0.14))


def cypress(c: Canvas, x: float, y: float, size: float, leaf: Colour) -> None:
    half = [(x, y - size), (x + size * 0.07, y - size * 0.66), (x + size * 0.1, y - size * 0.3), (x + size * 0.04, y)]
    other = [(2 * x - px, py) for px, py in reversed(half)]
    c.polygon([*smooth(half), *smooth(other)], darker(leaf, 0.3))
    c.polygon([*smooth(other), (x, y - size)], darker(leaf, 0.14))


def palm(c: Canvas, x: float, y: float, size: float, leaf: Colour, chance: random.Random) -> None:
    lean = chance.choice((-1, 1)) * chance.uniform(0.05, 0.14) * size
    top = (x + lean, y - size * 0.78)
    spine = smooth([(x, y), (x + lean * 0.25, y - size * 0.4), top])
    for index, (px, py) in enumerate(spine):
        c.circle(px, py, size * (0.022 - 0.0085 * index / len(spine)), (156, 122, 92))
    c.line(spine, mix((156, 122, 92), leaf, 0.08), size * 0.026)
    fronds = [(-172, 0.40), (-8, 0.40), (-152, 0.42), (-28, 0.42), (-128, 0.36), (-52, 0.36), (168, 0.34), (12, 0.34),
              (-96, 0.3)]  # fmt: skip
    for number, (angle, length) in enumerate(fronds):
        _frond(
            c,
            top,
            angle + chance.uniform(-6, 6),
            length * size,
            (darker(leaf, 0.2), leaf, lighter(leaf, 0.1))[number % 3],
        )
    for dx in (-0.018, 0.016):
        c.circle(top[0] + dx * size, top[1] + size * 0.02, size * 0.018, (150, 104, 66))


def _frond(c: Canvas, root: tuple[float, float], angle: float, length: float, colour: Colour) -> None:
    """A drooping leaf: it starts at `angle` and bends down by its own weight."""
    x, y = root
    dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    tip = (x + dx * length, y + dy * length * 0.75 + length * 0.42)
    upper = smooth([(x, y), (x + dx * length * 0.5, y + dy * length * 0.62 - length * 0.06), tip])
    lower = smooth([tip, (x + dx * length * 0.46, y + dy * length * 0.42 + length * 0.12), (x, y + length * 0.03)])
    c.polygon([*upper, *lower], colour)


def bush(c: Canvas, x: float, y: float, width: float, leaf: Colour, chance: random.Random) -> None:
    """A low round shrub, sometimes in flower."""
    height = width * 0.5
    for dx, share in ((-0.28, 0.7), (0.28, 0.76), (0, 1)):
        radius = width * 0.28 * share
        outline = arc(x + dx * width, y, radius, height * share, 180, 360)
        c.polygon(outline, darker(leaf, 0.12) if dx else leaf)
    if chance.random() < 0.45:
        bloom = chance.choice(((236, 120, 140), (250, 206, 110), (255, 250, 244), (176, 132, 206)))
        for _ in range(7):
            angle, far = chance.uniform(200, 340), chance.uniform(0.3, 0.85)
            c.circle(x + math.cos(math.radians(angle)) * width * 0.42 * far,
                     y + math.sin(math.radians(angle)) * height * far, width * 0.032, bloom)  # fmt: skip


def hedge(c: Canvas, x0: float, x1: float, y: float, height: float, leaf: Colour) -> None:
    c.rect(x0, y - height, x1, y, down(lighter(leaf, 0.06), darker(leaf, 0.2)), round=height * 0.35)


def grass(c: Canvas, x: float, y: float, size: float, leaf: Colour, chance: random.Random) -> None:
    """A tuft of ornamental grass."""
    for number in range(9):
        bend = (number - 4) / 4
        tip = (x + bend * size * 0.55, y - size * chance.uniform(0.72, 1))
        middle = (x + bend * size * 0.16, y - size * 0.5)
        colour = lighter(leaf, 0.2) if number % 2 else darker(leaf, 0.08)
        c.line(smooth([(x + bend * size * 0.06, y), middle, tip]), colour, size * 0.035)


def flowers(c: Canvas, x0: float, x1: float, y: float, depth: float, colours: tuple[Colour, ...], leaf: Colour,
            chance: random.Random) -> None:  # fmt: skip
    """A bed of flowers as seen from a little above."""
    for _ in range(int((x1 - x0) / 7)):
        x, dy = chance.uniform(x0, x1), chance.uniform(0, depth)
        c.ellipse(x, y + dy, 6, 4, darker(leaf, 0.1))
        c.circle(x + chance.uniform(-3, 3), y + dy - 4, chance.uniform(2.4, 4.2), chance.choice(colours))


def pot(c: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    c.polygon([(x - size * 0.2, y - size * 0.34), (x + size * 0.2, y - size * 0.34), (x + size * 0.15, y),
               (x - size * 0.15, y)], colour)  # fmt: skip
    c.polygon([(x + size * 0.04, y - size * 0.34), (x + size * 0.2, y - size * 0.34), (x + size * 0.15, y),
               (x + size * 0.04, y)], darker(colour, 0.1))  # fmt: skip
    c.rect(x - size * 0.22, y - size * 0.39, x + size * 0.22, y - size * 0.31, lighter(colour, 0.1), round=size * 0.02)


def house_plant(
    c: Canvas, x: float, y: float, size: float, leaf: Colour, ceramic: Colour, chance: random.Random
) -> None:
    """A plant with long leaves in a pot, `size` high with its pot."""
    c.soft(arc(x, y, size * 0.26, size * 0.035, 0, 360), (40, 50, 70, 70), size * 0.03)
    root = (x, y - size * 0.36)
    angles = [-160, -20, -140, -40, -118, -62, -90]
    for number, angle in enumerate(angles):
        turn = math.radians(angle + chance.uniform(-5, 5))
        length = size * (0.44 + 0.03 * number)
        tip = (root[0] + math.cos(turn) * length, root[1] + math.sin(turn) * length + size * 0.06)
        side = (-math.sin(turn) * size * 0.075, math.cos(turn) * size * 0.075)
        middle = ((root[0] + tip[0]) / 2, (root[1] + tip[1]) / 2 - size * 0.05)
        tone = (darker(leaf, 0.2), leaf, lighter(leaf, 0.12))[number % 3]
        c.polygon([*smooth([root, (middle[0] + side[0], middle[1] + side[1]), tip]),
                   *smooth([tip, (middle[0] - side[0], middle[1] - side[1]), root])], tone)  # fmt: skip
        c.line(smooth([root, middle, tip]), see_through(darker(leaf, 0.3), 90), size * 0.007)
    pot(c, x, y, size, ceramic)
