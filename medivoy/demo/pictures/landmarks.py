"""The buildings that tell one city from another, as silhouettes: (x, foot) is the middle of the base."""

from .canvas import Canvas, Colour, arc, down, smooth
from .palette import Light, darker, lighter, see_through
from .skyline import LAMP


def _dome(c: Canvas, x: float, y: float, radius: float, tone: Colour, *, pointed: bool = False) -> None:
    """Half a sphere on (x, y), lit from the left, with a finial; or an onion's upper half."""
    if pointed:
        half = smooth([(x - radius, y), (x - radius * 1.04, y - radius * 0.45), (x - radius * 0.5, y - radius * 1.02),
                       (x, y - radius * 1.45)])  # fmt: skip
        outline = [*half, *((2 * x - px, py) for px, py in reversed(half))]
        top = y - radius * 1.45
    else:
        outline = arc(x, y, radius, radius * 0.82, 180, 360)
        top = y - radius * 0.82
    c.line([(x, top - radius * 0.4), (x, top)], tone, max(1.5, radius * 0.06))
    c.circle(x, top - radius * 0.42, radius * 0.08, tone)
    c.polygon(outline, tone)
    with c.within(outline):
        c.ellipse(x + radius * 0.75, y - radius * 0.2, radius * 0.7, radius * 1.5, see_through(darker(tone, 0.6), 36))


def _minaret(c: Canvas, x: float, foot: float, height: float, tone: Colour) -> None:
    wide = height * 0.032
    c.rect(x - wide, foot - height * 0.8, x + wide, foot, tone)
    for share in (0.5, 0.72):
        c.rect(x - wide * 1.7, foot - height * share, x + wide * 1.7, foot - height * share + wide, darker(tone, 0.06))
    c.polygon(
        [(x - wide * 1.1, foot - height * 0.8), (x, foot - height), (x + wide * 1.1, foot - height * 0.8)],
        darker(tone, 0.16),
    )


def mosque(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.3,
           stone: Colour = (206, 200, 196)) -> None:  # fmt: skip
    """A cascade of domes between slim minarets."""
    tone = light.far(stone, distance)
    for dx, share in ((-0.62, 0.92), (0.62, 0.92), (-0.42, 1.08), (0.42, 1.08)):
        _minaret(c, x + dx * size, foot, size * share, tone)
    c.rect(x - size * 0.5, foot - size * 0.2, x + size * 0.5, foot, darker(tone, 0.04))
    for dx in (-0.4, -0.24, 0.24, 0.4):
        _dome(c, x + dx * size, foot - size * 0.19, size * 0.09, darker(tone, 0.05))
    c.rect(x - size * 0.28, foot - size * 0.36, x + size * 0.28, foot, tone)
    for dx in (-0.21, 0.21):
        _dome(c, x + dx * size, foot - size * 0.35, size * 0.11, tone)
    c.rect(x - size * 0.2, foot - size * 0.44, x + size * 0.2, foot - size * 0.3, tone)
    _dome(c, x, foot - size * 0.43, size * 0.22, lighter(tone, 0.06))
    for number in range(9):
        wx = x + (number - 4) * size * 0.1
        c.polygon(arc(wx, foot - size * 0.07, size * 0.022, size * 0.04, 180, 360), darker(tone, 0.3))
        c.rect(wx - size * 0.022, foot - size * 0.07, wx + size * 0.022, foot - size * 0.02, darker(tone, 0.3))


def pointed_domes(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.3,
                  stone: Colour = (214, 168, 140)) -> None:  # fmt: skip
    """A garden tomb of the Mughal kind: one onion dome, four pavilions, an arched front."""
    tone = light.far(stone, distance)
    c.rect(x - size * 0.6, foot - size * 0.06, x + size * 0.6, foot, darker(tone, 0.1))
    c.rect(x - size * 0.44, foot - size * 0.4, x + size * 0.44, foot - size * 0.06, tone)
    for dx in (-0.33, 0.33):
        c.rect(x + dx * size - size * 0.07, foot - size * 0.47, x + dx * size + size * 0.07, foot - size * 0.4, tone)
        _dome(c, x + dx * size, foot - size * 0.47, size * 0.075, lighter(tone, 0.3), pointed=True)
    c.rect(x - size * 0.19, foot - size * 0.52, x + size * 0.19, foot - size * 0.4, tone)
    _dome(c, x, foot - size * 0.51, size * 0.19, lighter(tone, 0.42), pointed=True)
    for dx, wide, tall in ((0, 0.11, 0.26), (-0.28, 0.07, 0.15), (0.28, 0.07, 0.15)):
        left, right, top = x + (dx - wide) * size, x + (dx + wide) * size, foot - size * 0.06 - tall * size
        outline = smooth([(left, foot - size * 0.06), (left, top + wide * size * 0.6), (x + dx * size,
               top - size * 0.03),
                          (right, top + wide * size * 0.6), (right, foot - size * 0.06)], steps=6)  # fmt: skip
        c.polygon(outline, darker(tone, 0.34))


def temple_gate(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.3) -> None:
    """A stepped temple tower of southern India in many colours."""
    tones = [light.far(tone, distance) for tone in ((224, 178, 128), (206, 132, 110), (130, 164, 160), (232, 200, 140))]
    wide = 0.3
    y = foot
    c.rect(x - size * 0.34, y - size * 0.2, x + size * 0.34, y, light.far((206, 190, 170), distance))
    c.rect(x - size * 0.06, y - size * 0.16, x + size * 0.06, y, light.far((120, 96, 84), distance))
    y -= size * 0.2
    for number in range(7):
        tall = size * 0.105
        c.polygon([(x - size * wide, y), (x - size * (wide - 0.028), y - tall), (x + size * (wide - 0.028), y - tall),
                   (x + size * wide, y)], tones[number % 4])  # fmt: skip
        c.rect(
            x - size * (wide - 0.01),
            y - tall,
            x + size * (wide - 0.01),
            y - tall * 0.8,
            darker(tones[number % 4], 0.14),
        )
        count = 9 - number
        for niche in range(count):
            nx = x + (niche - (count - 1) / 2) * size * wide * 1.7 / count
            c.polygon(
                arc(nx, y - tall * 0.22, size * 0.012, tall * 0.42, 180, 360), darker(tones[(number + 1) % 4], 0.12)
            )
        y -= tall
        wide -= 0.033
    c.polygon(arc(x, y, size * wide, size * 0.09, 180, 360), tones[3])
    for number in range(5):
        c.line(
            [(x + (number - 2) * size * 0.022, y - size * 0.12), (x + (number - 2) * size * 0.022, y - size * 0.05)],
            tones[0],
            2,
        )


def chedi(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.28) -> None:
    """A bell-shaped shrine with a needle."""
    gold = light.far((226, 186, 110), distance)
    half = [(x - size * 0.012, foot - size), (x - size * 0.03, foot - size * 0.66), (x - size * 0.07,
           foot - size * 0.5),
            (x - size * 0.12, foot - size * 0.36), (x - size * 0.14, foot - size * 0.22), (x - size * 0.24,
            foot - size * 0.12),
            (x - size * 0.3, foot)]  # fmt: skip
    curve = smooth(half, steps=6)
    c.polygon([*curve, *((2 * x - px, py) for px, py in reversed(curve))], gold)
    c.polygon([*[(x + size * 0.01, py) for _px, py in curve], *((2 * x - px, py) for px, py in reversed(curve))],
              see_through(darker(gold, 0.5), 46))  # fmt: skip
    for share, wide in ((0.14, 0.2), (0.24, 0.14), (0.46, 0.085), (0.53, 0.062), (0.6, 0.046)):
        c.rect(
            x - size * wide,
            foot - size * share,
            x + size * wide,
            foot - size * share + size * 0.016,
            darker(gold, 0.14),
        )


def thai_roof(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.25) -> None:
    """A hall under three nested roofs with upturned ends."""
    wall, tile, rim = (light.far(tone, distance) for tone in ((248, 240, 226), (206, 104, 72), (86, 140, 110)))
    c.rect(x - size * 0.4, foot - size * 0.24, x + size * 0.4, foot, wall)
    for number in range(6):
        wx = x + (number - 2.5) * size * 0.13
        c.rect(wx - size * 0.025, foot - size * 0.18, wx + size * 0.025, foot - size * 0.04, darker(wall, 0.35))
    for wide, low, high in ((0.54, 0.2, 0.42), (0.4, 0.34, 0.56), (0.26, 0.48, 0.72)):
        eaves = smooth(
            [
                (x - size * wide, foot - size * (low + 0.03)),
                (x - size * wide * 0.6, foot - size * (low + 0.06)),
                (x - size * wide * 0.14, foot - size * high),
            ],
            steps=6,
        )
        outline = [*eaves, *((2 * x - px, py) for px, py in reversed(eaves))]
        c.polygon(outline, rim)
        c.polygon([(x + (px - x) * 0.9, py + size * 0.004) for px, py in outline], tile)


def twin_towers(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.35) -> None:
    """Two slender stepped towers with a bridge between them."""
    tone = light.far((150, 178, 196), distance)
    for dx in (-0.13, 0.13):
        for wide, low, high in ((0.085, 0, 0.62), (0.07, 0.62, 0.74), (0.05, 0.74, 0.83), (0.028, 0.83, 0.9)):
            c.rect(x + (dx - wide) * size, foot - high * size, x + (dx + wide) * size, foot - low * size, tone)
            c.rect(
                x + (dx + wide * 0.3) * size,
                foot - high * size,
                x + (dx + wide) * size,
                foot - low * size,
                darker(tone, 0.12),
            )
        c.line([(x + dx * size, foot - size * 1.04), (x + dx * size, foot - size * 0.9)], tone, size * 0.012)
        for row in range(20):
            y = foot - size * (0.03 + row * 0.03)
            lamp = light.lit > 0.3 and row % 3 == 0
            c.rect(x + (dx - 0.075) * size, y, x + (dx + 0.075) * size, y + size * 0.01,
                   light.far(LAMP, 0.2) if lamp else lighter(tone, 0.22))  # fmt: skip
    c.rect(x - size * 0.06, foot - size * 0.4, x + size * 0.06, foot - size * 0.36, lighter(tone, 0.15))


def needle(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.4) -> None:
    """A very high tower that steps back on alternate sides up to a spire."""
    tone = light.far((150, 184, 204), distance)
    steps = [
        (0, 0.095, 0.095),
        (0.26, 0.075, 0.09),
        (0.4, 0.07, 0.065),
        (0.52, 0.05, 0.06),
        (0.64, 0.04, 0.036),
        (0.74, 0.022, 0.03),
        (0.82, 0.012, 0.012),
    ]
    highs = [0.26, 0.4, 0.52, 0.64, 0.74, 0.82, 0.9]
    for (low, left, right), high in zip(steps, highs, strict=True):
        c.rect(x - left * size, foot - high * size, x + right * size, foot - low * size, tone)
        c.rect(x + right * size * 0.2, foot - high * size, x + right * size, foot - low * size, darker(tone, 0.13))
        c.line(
            [(x - left * size * 0.5, foot - high * size), (x - left * size * 0.5, foot - low * size)],
            lighter(tone, 0.25),
            1.6,
        )
    c.line([(x, foot - size * 1.14), (x, foot - size * 0.88)], tone, size * 0.014)


def sail_tower(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.3) -> None:
    """A tower curved like a spinnaker."""
    tone = light.far((222, 232, 238), distance)
    curve = smooth(
        [
            (x - size * 0.1, foot - size),
            (x + size * 0.16, foot - size * 0.7),
            (x + size * 0.26, foot - size * 0.3),
            (x + size * 0.27, foot),
        ]
    )
    c.polygon([(x - size * 0.1, foot), *curve], down(tone, darker(tone, 0.06)))
    for row in range(1, 12):
        y = foot - size * 0.07 * row
        edge = max(px for px, py in curve if py >= y - size * 0.05)
        c.line([(x - size * 0.07, y), (edge - size * 0.04, y)], light.far((130, 178, 204), distance), 2)
    c.line([(x - size * 0.1, foot), (x - size * 0.1, foot - size * 1.12)], darker(tone, 0.12), size * 0.025)


def spires(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.34) -> None:
    """A church of many tapering towers."""
    tone = light.far((200, 172, 144), distance)
    for dx, share in ((-0.3, 0.66), (0.3, 0.66), (-0.19, 0.82), (0.19, 0.82), (-0.07, 0.92), (0.07, 0.92), (0, 1.1)):
        half = smooth([(x + (dx - 0.052) * size, foot), (x + (dx - 0.046) * size, foot - share * size * 0.55),
                       (x + (dx - 0.022) * size, foot - share * size * 0.88), (x + dx * size, foot - share * size)],
                       steps=6)  # fmt: skip
        c.polygon(
            [*half, *((2 * (x + dx * size) - px, py) for px, py in reversed(half))],
            tone if dx < 0.1 else darker(tone, 0.1),
        )
        c.circle(x + dx * size, foot - share * size, size * 0.016, lighter(tone, 0.3))
        for row in range(5):
            c.rect(x + (dx - 0.012) * size, foot - share * size * (0.3 + row * 0.1), x + (dx + 0.012) * size,
                   foot - share * size * (0.26 + row * 0.1), darker(tone, 0.24))  # fmt: skip
    c.rect(x - size * 0.4, foot - size * 0.24, x + size * 0.4, foot, darker(tone, 0.05))


def hill_tower(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.45) -> None:
    """A mast with a round gallery, on its hill."""
    tone = light.far((214, 218, 224), distance)
    c.polygon(
        [
            (x - size * 0.03, foot),
            (x - size * 0.018, foot - size * 0.5),
            (x + size * 0.018, foot - size * 0.5),
            (x + size * 0.03, foot),
        ],
        tone,
    )
    c.rect(x - size * 0.07, foot - size * 0.6, x + size * 0.07, foot - size * 0.48, tone, round=size * 0.03)
    c.rect(x - size * 0.06, foot - size * 0.57, x + size * 0.06, foot - size * 0.53, darker(tone, 0.3))
    c.line([(x, foot - size), (x, foot - size * 0.6)], light.far((206, 110, 96), distance), size * 0.016)


def palace_gate(c: Canvas, light: Light, x: float, foot: float, size: float, *, distance: float = 0.25) -> None:
    """A Korean gate: two tiled roofs with lifted eaves over a stone base."""
    stone, wood, tile = (light.far(tone, distance) for tone in ((206, 200, 192), (178, 86, 72), (74, 88, 104)))
    c.polygon(
        [
            (x - size * 0.52, foot),
            (x - size * 0.48, foot - size * 0.24),
            (x + size * 0.48, foot - size * 0.24),
            (x + size * 0.52, foot),
        ],
        stone,
    )
    for dx in (-0.24, 0, 0.24):
        c.polygon(
            [
                *arc(x + dx * size, foot - size * 0.1, size * 0.06, size * 0.07, 180, 360),
                (x + (dx + 0.06) * size, foot),
                (x + (dx - 0.06) * size, foot),
            ],
            darker(stone, 0.4),
        )
    for wide, low, tall in ((0.4, 0.24, 0.14), (0.28, 0.52, 0.12)):
        c.rect(x - size * wide, foot - size * (low + tall), x + size * wide, foot - size * low, wood)
        c.rect(
            x - size * wide,
            foot - size * (low + tall),
            x + size * wide,
            foot - size * (low + tall - 0.035),
            light.far((70, 130, 116), distance),
        )
        y = foot - size * (low + tall)
        eaves = smooth(
            [
                (x - size * (wide + 0.2), y - size * 0.06),
                (x - size * wide * 0.9, y + size * 0.01),
                (x, y + size * 0.015),
            ],
            steps=6,
        )
        top = smooth(
            [
                (x, y - size * 0.15),
                (x - size * wide * 0.72, y - size * 0.15),
                (x - size * (wide + 0.04), y - size * 0.07),
                (x - size * (wide + 0.2), y - size * 0.06),
            ],
            steps=6,
        )
        half = [*top, *eaves]
        c.polygon([*half, *((2 * x - px, py) for px, py in reversed(half))], tile)
        c.rect(x - size * wide * 0.74, y - size * 0.175, x + size * wide * 0.74, y - size * 0.145, lighter(tile, 0.12))
