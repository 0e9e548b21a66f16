"""Grey pictures of nobody, in the manner of X-rays and slices, each with SPECIMEN across it. Nothing is measured from a
person: they are ellipses and lines, made soft."""

import io
import itertools
import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from . import casting, specimens

WIDTH, HEIGHT = 640, 760
NOTE = "Drawn by a computer for a demonstration. Nobody's body."

Box = tuple[float, float, float, float]
Points = Sequence[tuple[float, float]]


class Film:
    """Light is added layer by layer, each as soft as it is told."""

    def __init__(self, background: int = 6) -> None:
        self.image = Image.new("L", (WIDTH, HEIGHT), background)

    def oval(self, box: Box, light: int, *, soft: float = 8, width: int = 0) -> None:
        def draw(pen: ImageDraw.ImageDraw) -> None:
            if width:
                pen.ellipse(box, outline=abs(light), width=width)
            else:
                pen.ellipse(box, fill=abs(light))

        self._add(draw, light, soft)

    def line(self, points: Points, light: int, *, width: int, soft: float = 3) -> None:
        self._add(lambda pen: pen.line(list(points), fill=abs(light), width=width, joint="curve"), light, soft)

    def shape(self, points: Points, light: int, *, soft: float = 4) -> None:
        self._add(lambda pen: pen.polygon(list(points), fill=abs(light)), light, soft)

    def _add(self, draw: Callable[[ImageDraw.ImageDraw], None], light: int, soft: float) -> None:
        layer = Image.new("L", self.image.size)
        draw(ImageDraw.Draw(layer))
        layer = layer.filter(ImageFilter.GaussianBlur(soft))
        join = ImageChops.add if light > 0 else ImageChops.subtract
        self.image = join(self.image, layer)


def picture(kind: str, *, seed: str) -> bytes:
    """A JPEG of one of `KINDS`; another seed is another body."""
    chance = casting.dice(f"scan {seed}")
    film = Film()
    KINDS[kind](film, chance)
    grain = Image.effect_noise(film.image.size, 16)
    image = Image.blend(film.image, grain, 0.1)
    pen = ImageDraw.Draw(image)
    pen.text((22, 20), "L" if kind == "hand" else "R", fill=210, font=specimens.font(30))
    pen.text((WIDTH / 2, HEIGHT - 24), NOTE, fill=150, font=specimens.font(15), anchor="mm")
    coloured = image.convert("RGB")
    specimens.across(coloured)
    body = io.BytesIO()
    coloured.save(body, "JPEG", quality=84)
    return body.getvalue()


def _chest(film: Film, chance: random.Random) -> None:
    lean = chance.uniform(-10, 10)
    film.oval((60, 70, 580, 900), 92, soft=26)
    for side in (-1, 1):
        middle = 320 + side * 118
        film.oval((middle - 88, 150, middle + 88, 590 - 20 * side), -66, soft=20)
        film.line([(320, 128), (320 + side * 150, 104), (320 + side * 232, 132)], 66, width=17, soft=4)
        for rib in range(8):
            y = 150 + 52 * rib
            points = [
                (320 + side * (26 + 200 * math.sin(step / 12 * math.pi / 1.7)), y + 5.6 * step + lean * step / 12)
                for step in range(13)
            ]
            film.line(points, 34, width=11, soft=3)
    film.line([(320, 60), (320, 720)], 70, width=42, soft=9)
    for bone in range(13):
        film.line([(300, 80 + 50 * bone), (340, 80 + 50 * bone)], 26, width=9, soft=4)
    width = chance.uniform(96, 112)
    film.oval((322 - width * 0.5, 360, 322 + width * 1.35, 590), 78, soft=16)
    film.oval((40, 590, 320, 900), 88, soft=14)
    film.oval((320, 600, 620, 900), 80, soft=14)


def _knee(film: Film, chance: random.Random) -> None:
    gap = chance.uniform(10, 22)
    film.oval((130, -200, 510, 960), 58, soft=34)
    thigh = [(250, -10), (390, -10), (402, 220), (448, 330), (430, 372), (330, 352), (214, 372), (196, 330), (240, 220)]
    film.shape(thigh, 104, soft=7)
    shin = [(204, 372 + gap), (436, 380), (430, 430), (392, 520), (380, 780), (266, 780), (252, 520), (210, 440)]
    film.shape(shin, 104, soft=7)
    film.line([(446, 452), (430, 520), (428, 780)], 84, width=34, soft=5)
    film.oval((262, 216, 384, 340), 34, soft=9)
    film.line([(206, 376 + gap), (330, 392), (434, 386)], 44, width=7, soft=2)


def _hand(film: Film, chance: random.Random) -> None:
    film.oval((170, 360, 470, 720), 46, soft=26)
    for number, (x, top, lean) in enumerate([(190, 190, -50), (262, 90, -18), (330, 70, 4), (398, 100, 26)]):
        points = [(250 + 46 * number, 560), (x + 26, 400), (x + lean / 3, 250), (x + lean, top)]
        film.line(points, 50, width=54, soft=12)
        for start, end in itertools.pairwise(points):
            near, far = (_between(start, end, share) for share in (0.08, 0.9))
            film.line([near, far], 110, width=22, soft=3)
    film.line([(440, 590), (510, 450), (548, 350)], 48, width=56, soft=12)
    film.line([(446, 580), (506, 460)], 110, width=24, soft=3)
    film.line([(512, 446), (546, 360)], 110, width=20, soft=3)
    for _number in range(8):
        left, upper = 228 + chance.uniform(0, 150), 574 + chance.uniform(0, 56)
        film.oval((left, upper, left + 44, upper + 36), 62, soft=4)
    for x in (282, 366):
        film.line([(x, 660), (x, 780)], 104, width=46, soft=5)


def _between(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _head(film: Film, chance: random.Random) -> None:
    film.oval((96, 96, 544, 666), 150, soft=3, width=16)
    film.oval((122, 122, 518, 640), 84, soft=5)
    for _number in range(70):
        turn, away = chance.uniform(0, 2 * math.pi), chance.uniform(0.62, 0.96)
        x, y = 320 + 186 * away * math.cos(turn), 381 + 246 * away * math.sin(turn)
        size = chance.uniform(14, 34)
        film.oval((x - size, y - size / 2, x + size, y + size / 2), 30, soft=5, width=5)
    film.line([(320, 128), (320, 634)], -46, width=5, soft=2)
    width = chance.uniform(22, 32)
    for side in (-1, 1):
        inner = [(8, 300), (14 + width, 270), (20 + width, 360), (16, 420), (26 + width, 500), (8, 440)]
        film.shape([(320 + side * x, y) for x, y in inner], -62, soft=5)
        film.oval((320 + side * 54 - 26, 330, 320 + side * 54 + 26, 420), 26, soft=8)


def _spine(film: Film, chance: random.Random) -> None:
    film.oval((150, -160, 620, 940), 44, soft=30)
    low = chance.choice([4, 5])
    for bone in range(8):
        y = 66 + 84 * bone
        x = 300 + 34 * math.sin((bone - 1) / 7 * math.pi)
        film.shape([(x - 52, y - 28), (x + 50, y - 30), (x + 50, y + 28), (x - 52, y + 26)], 92, soft=4)
        disc, thick = (24, 10) if bone == low else (78, 17)
        film.oval((x - 52, y + 42 - thick, x + 52, y + 42 + thick), disc, soft=4)
        film.shape([(x + 120, y - 6), (x + 196, y + 20), (x + 190, y + 44), (x + 118, y + 24)], 52, soft=6)
    canal = [(368 + 34 * math.sin((step - 2) / 14 * math.pi), 20 + 48 * step) for step in range(16)]
    film.line(canal, 96, width=30, soft=5)
    film.line(canal[:7], -40, width=13, soft=3)


def _abdomen(film: Film, chance: random.Random) -> None:
    film.oval((34, 150, 606, 640), 92, soft=4)
    film.oval((56, 172, 584, 618), -44, soft=10)
    film.oval((86, 206, 360, 470), 70, soft=9)
    film.oval((404, 250, 552, 420), 58, soft=9)
    film.oval((282, 480, 358, 556), 148, soft=4)
    film.oval((304, 560, 336, 604), 110, soft=4)
    for x in (206, 434):
        size = chance.uniform(40, 48)
        film.oval((x - size, 478, x + size, 566), 92, soft=4)
        film.oval((x - 12, 506, x + 16, 540), -56, soft=5)
    film.oval((300, 430, 340, 470), 96, soft=4)
    for _number in range(9):
        left, top = chance.uniform(216, 446), chance.uniform(203, 313)
        film.oval((left, top, left + 48, top + 34), 48, soft=5, width=7)
    film.oval((430, 470, 470, 500), -30, soft=6)


KINDS: dict[str, Callable[[Film, random.Random], None]] = {
    "chest": _chest, "knee": _knee, "hand": _hand, "head": _head, "spine": _spine, "abdomen": _abdomen,
}  # fmt: skip
