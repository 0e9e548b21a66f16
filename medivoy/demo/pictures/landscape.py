"""Sky, water, hills and mountains: what lies behind a house, the farther the hazier."""

import random

from .canvas import Canvas, Colour, down, oval, smooth
from .palette import WHITE, Light, darker, lighter, mix, see_through

#: How far below the lower edge a ridge's outline closes.
_DEEP = 60


def sky(c: Canvas, light: Light, chance: random.Random, *, horizon: float, sun_x: float | None = None) -> None:
    c.rect(0, 0, c.width, horizon + 2, down(*light.sky))
    x = c.width * (chance.uniform(0.12, 0.4) if sun_x is None else sun_x)
    y = horizon * (1 - light.sun_height)
    radius = c.width * 0.026
    c.soft(oval(x, y, radius * 5, radius * 5), see_through(light.sun, 110), radius * 3)
    c.soft(oval(x, y, radius * 1.7, radius * 1.7), see_through(light.sun, 170), radius * 0.8)
    c.circle(x, y, radius, mix(light.sun, WHITE, 0.5))
    if light.ambient[2] > light.ambient[0] + 40:
        stars(c, chance, horizon * 0.6)
    for place in (0.16, 0.52, 0.86):
        cloud(c, c.width * (place + chance.uniform(-0.1, 0.1)), horizon * chance.uniform(0.12, 0.4),
              c.width * chance.uniform(0.09, 0.16), light)  # fmt: skip


def stars(c: Canvas, chance: random.Random, depth: float) -> None:
    for _ in range(60):
        c.circle(chance.uniform(0, c.width), chance.uniform(0, depth), chance.uniform(0.7, 1.7), (255, 255, 255, 150))


def cloud(c: Canvas, x: float, y: float, width: float, light: Light) -> None:
    """A long cloud with a flat foot, of overlapping rounds."""
    tone = mix(light.cloud, light.sky[1], 0.16)
    humps = [(-0.3, 0.075), (-0.14, 0.125), (0.05, 0.165), (0.22, 0.115), (0.35, 0.07)]
    for place, radius in humps:
        c.circle(x + place * width, y - radius * width, radius * width, tone)
    c.rect(x - width * 0.42, y - width * 0.1, x + width * 0.46, y, tone, round=width * 0.05)
    c.rect(x - width * 0.52, y - width * 0.045, x + width * 0.54, y, tone, round=width * 0.0225)


def ridge(c: Canvas, heights: list[float], foot: float, colour: Colour, *, low: Colour | None = None) -> None:
    """Rounded hills through heights at even distances, hazier towards the foot."""
    step = c.width / (len(heights) - 1)
    line = smooth([(index * step, foot - height) for index, height in enumerate(heights)])
    closed = [(-5.0, line[0][1]), *line, (c.width + 5, line[-1][1]), (c.width + 5, foot + _DEEP), (-5, foot + _DEEP)]
    c.polygon(closed, down(colour, low or lighter(colour, 0.2)))


def hills(c: Canvas, light: Light, chance: random.Random, foot: float, height: float, colour: Colour) -> None:
    """Three ridges, one before the other."""
    for distance, share in ((0.72, 1.0), (0.5, 0.72), (0.28, 0.42)):
        heights = [height * share * chance.uniform(0.45, 1) for _ in range(9)]
        ridge(c, heights, foot, light.far(colour, distance), low=light.far(colour, min(0.9, distance + 0.22)))


def mountains(c: Canvas, light: Light, chance: random.Random, foot: float, height: float, colour: Colour, *,
              snow: bool = False) -> None:  # fmt: skip
    """A chain with sharp peaks; each has a lit and a shaded side."""
    for distance, share, count in ((0.62, 1.0, 6), (0.4, 0.62, 8)):
        tone = light.far(colour, distance)
        for number in range(count):
            x = c.width * (number + chance.uniform(0.2, 0.8)) / count
            tall = height * share * chance.uniform(0.6, 1)
            wide = tall * chance.uniform(1.25, 1.7)
            _peak(c, x, foot, wide, tall, tone, light, snow=snow and share == 1)
    heights = [height * 0.2 * chance.uniform(0.6, 1.1) for _ in range(9)]
    ridge(c, heights, foot, light.far(colour, 0.3), low=light.far(colour, 0.45))


def _peak(
    c: Canvas, x: float, foot: float, wide: float, tall: float, tone: Colour, light: Light, *, snow: bool
) -> None:
    top = (x, foot - tall)
    left = [(x - wide, foot), (x - wide * 0.52, foot - tall * 0.4), (x - wide * 0.3, foot - tall * 0.66)]
    right = [(x + wide * 0.26, foot - tall * 0.7), (x + wide * 0.5, foot - tall * 0.42), (x + wide, foot)]
    c.polygon([*left, top, *right], down(tone, mix(tone, light.haze, 0.45)))
    fold = [top, (x + wide * 0.05, foot - tall * 0.72), (x - wide * 0.03, foot - tall * 0.5),
            (x + wide * 0.1, foot - tall * 0.2), (x + wide * 0.04, foot)]  # fmt: skip
    c.polygon([*fold, *reversed(right)], see_through(darker(tone, 0.5), 42))
    if snow:
        cap = [(x - wide * 0.2, foot - tall * 0.77), (x - wide * 0.08, foot - tall * 0.8),
               (x - wide * 0.01, foot - tall * 0.72), (x + wide * 0.08, foot - tall * 0.81),
               (x + wide * 0.19, foot - tall * 0.78)]  # fmt: skip
        c.polygon([*cap, top], mix(light.on(WHITE), light.haze, 0.25))


def saddle(c: Canvas, light: Light, foot: float, height: float, colour: Colour) -> None:
    """A mountain with two summits and a seat between them."""
    w = c.width
    shape = [(0, 0.2), (0.06, 0.42), (0.12, 0.62), (0.17, 0.98), (0.21, 0.7), (0.26, 0.66), (0.31, 0.92),
             (0.37, 0.56), (0.47, 0.36), (0.6, 0.22), (0.78, 0.3), (0.9, 0.52), (1, 0.38)]  # fmt: skip
    far = [(x * w, foot - y * height) for x, y in shape]
    tone = light.far(colour, 0.5)
    c.polygon([(0, foot + _DEEP), *smooth(far, steps=5), (w, foot + _DEEP)], down(tone, mix(tone, light.haze, 0.5)))
    c.polygon([(0.17 * w, foot - 0.98 * height), (0.21 * w, foot - 0.7 * height), (0.26 * w, foot - 0.66 * height),
               (0.22 * w, foot - 0.3 * height), (0.2 * w, foot - 0.5 * height)], see_through(darker(tone),
               60))  # fmt: skip
    c.polygon([(0.31 * w, foot - 0.92 * height), (0.37 * w, foot - 0.56 * height), (0.47 * w, foot - 0.36 * height),
               (0.36 * w, foot - 0.2 * height), (0.33 * w, foot - 0.55 * height)], see_through(darker(tone),
               60))  # fmt: skip


def sea(c: Canvas, light: Light, chance: random.Random, top: float, foot: float, *, sun_x: float | None = None) -> None:
    """Water from the horizon down, with glitter and a sail or two."""
    deep, shallow = light.on((58, 146, 178)), light.on((134, 206, 208))
    c.rect(0, top, c.width, foot, down(mix(deep, light.haze, 0.35), mix(deep, shallow, 0.4), shallow))
    for _ in range(34):
        y = chance.uniform(top + 3, foot)
        size = c.width * chance.uniform(0.008, 0.03) * (0.4 + (y - top) / max(1, foot - top))
        x = chance.uniform(0, c.width)
        c.line([(x, y), (x + size, y)], (255, 255, 255, chance.randrange(50, 130)), 1.6)
    if sun_x is not None:
        for _ in range(26):
            y = chance.uniform(top + 2, foot)
            size = 6 + (y - top) * 0.25
            x = c.width * sun_x + chance.uniform(-1, 1) * size
            c.line([(x - size / 2, y), (x + size / 2, y)], see_through(light.sun, 130), 2)
    for place in (0.1, 0.93):
        sail(c, c.width * (place + chance.uniform(-0.05, 0.05)), top + (foot - top) * chance.uniform(0.12, 0.4),
             c.width * 0.022, light)  # fmt: skip


def sail(c: Canvas, x: float, y: float, size: float, light: Light) -> None:
    c.polygon([(x, y - size * 1.6), (x + size * 0.75, y - size * 0.2), (x, y - size * 0.2)], light.on((255, 252, 246)))
    c.polygon([(x - size * 0.06, y - size * 1.4), (x - size * 0.5, y - size * 0.2), (x - size * 0.06, y - size * 0.2)],
              light.on((238, 226, 214)))  # fmt: skip
    c.polygon([(x - size * 0.7, y - size * 0.12), (x + size * 0.85, y - size * 0.12), (x + size * 0.6, y + size * 0.16),
               (x - size * 0.5, y + size * 0.16)], light.on((122, 92, 78)))  # fmt: skip


def islands(c: Canvas, light: Light, chance: random.Random, foot: float, height: float) -> None:
    """Steep limestone islands, green on top."""
    for place, share, distance in (
        (0.05, 0.7, 0.55),
        (0.36, 0.5, 0.66),
        (0.22, 1, 0.3),
        (0.74, 0.6, 0.6),
        (0.92, 0.85, 0.4),
    ):
        x, tall = c.width * place, height * share * chance.uniform(0.9, 1.1)
        wide = tall * chance.uniform(0.5, 0.75)
        outline = smooth([(x - wide * 0.56, foot), (x - wide * 0.48, foot - tall * 0.5), (x - wide * 0.26,
               foot - tall * 0.9),
                          (x + wide * 0.04, foot - tall), (x + wide * 0.3, foot - tall * 0.82),
                          (x + wide * 0.44, foot - tall * 0.4), (x + wide * 0.54, foot)])  # fmt: skip
        rock, green = light.far((176, 168, 150), distance), light.far((84, 142, 104), distance)
        c.polygon(outline, rock)
        with c.within(outline):
            c.blob([(x - wide, foot - tall * 0.62), (x - wide * 0.2, foot - tall * 0.48), (x, foot - tall * 0.62),
                    (x + wide * 0.24, foot - tall * 0.36), (x + wide, foot - tall * 0.5), (x + wide, foot - tall * 1.4),
                    (x - wide, foot - tall * 1.4)], green)  # fmt: skip
            c.polygon([(x + wide * 0.12, foot - tall * 1.1), (x + wide, foot - tall), (x + wide, foot),
                   (x + wide * 0.2, foot)],
                      see_through(darker(rock, 0.5), 44))  # fmt: skip
            c.rect(x - wide, foot - tall * 0.04, x + wide, foot, darker(rock, 0.25))
