"""A sheet that is drawn on larger than it is shown, with smooth curves, gradients, soft light and turned shapes.

Lengths are pixels of the finished picture, y points down. A fill is a colour, a colour with an opacity (0 to 255), or
a `Shade` that runs through several colours over the shape's own box.
"""

import io
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Colour = tuple[int, int, int]

#: Finished pixels for each pixel of a soft shape before it is enlarged.
_SOFT = 4


@dataclass(frozen=True)
class Shade:
    """Colours at even distances, from top to bottom, or from left to right where `across`."""

    colours: tuple[Colour, ...]
    across: bool = False

    def strip(self, length: int) -> Image.Image:
        steps = len(self.colours) - 1
        pixels = []
        for index in range(length):
            place = steps * index / max(1, length - 1)
            first = min(int(place), steps - 1)
            share = place - first
            start, end = self.colours[first], self.colours[first + 1]
            pixels.append(tuple(round(a + (b - a) * share) for a, b in zip(start, end, strict=True)))
        strip = Image.new("RGB", (length, 1) if self.across else (1, length))
        strip.putdata(pixels)
        return strip


Fill = tuple[int, ...] | Shade


def down(*colours: Colour) -> Shade:
    return Shade(colours)


def across(*colours: Colour) -> Shade:
    return Shade(colours, across=True)


class Canvas:
    def __init__(self, width: int, height: int, *, over: int = 3, background: Colour = (255, 255, 255)) -> None:
        self.width, self.height, self._over = width, height, over
        self._image = Image.new("RGB", (width * over, height * over), background)
        self._pen = ImageDraw.Draw(self._image, "RGBA")
        self._turn: tuple[float, ...] = (over, 0, 0, 0, over, 0)

    # --- where things are drawn ---------------------------------------------------------------------------------------

    @contextmanager
    def at(self, x: float, y: float, *, scale: float = 1, angle: float = 0, mirrored: bool = False) -> Iterator[None]:
        """Draw around (x, y) as the new origin, `scale` times as large, turned clockwise by `angle` degrees."""
        before = self._turn
        a, b, c, d, e, f = before
        cos, sin = math.cos(math.radians(angle)) * scale, math.sin(math.radians(angle)) * scale
        side = -1 if mirrored else 1
        self._turn = (
            (a * cos + b * sin) * side,
            -a * sin + b * cos,
            a * x + b * y + c,
            (d * cos + e * sin) * side,
            -d * sin + e * cos,
            d * x + e * y + f,
        )
        try:
            yield
        finally:
            self._turn = before

    @contextmanager
    def within(self, outline: Sequence[Point]) -> Iterator[None]:
        """Nothing drawn in here shows outside the outline."""
        points = self._placed(outline)
        box = self._box(points) or (0, 0, 1, 1)
        sheet, turn = self._image, self._turn
        a, b, c, d, e, f = turn
        self._image, self._turn = sheet.crop(box), (a, b, c - box[0], d, e, f - box[1])
        self._pen = ImageDraw.Draw(self._image, "RGBA")
        try:
            yield
        finally:
            sheet.paste(self._image, box, self._mask(points, box))
            self._image, self._turn = sheet, turn
            self._pen = ImageDraw.Draw(sheet, "RGBA")

    # --- shapes -------------------------------------------------------------------------------------------------------

    def polygon(self, points: Sequence[Point], fill: Fill) -> None:
        self._fill(self._placed(points), fill)

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: Fill, *, round: float = 0) -> None:
        self.polygon(rounded(x0, y0, x1, y1, round), fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: Fill) -> None:
        self.polygon(oval(x, y, rx, ry), fill)

    def circle(self, x: float, y: float, radius: float, fill: Fill) -> None:
        self.ellipse(x, y, radius, radius, fill)

    def blob(self, points: Sequence[Point], fill: Fill) -> None:
        """A closed shape that passes smoothly through the points."""
        self.polygon(smooth(points, closed=True), fill)

    def line(self, points: Sequence[Point], fill: tuple[int, ...], width: float = 2, *, curved: bool = False) -> None:
        """A stroke with round ends and corners; opaque or not, it covers each spot once."""
        placed = self._placed(smooth(points) if curved else points)
        size = width * self._scale()
        if len(fill) == 4:
            box = self._box(placed, size)
            if box is not None:
                mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
                moved = [(x - box[0], y - box[1]) for x, y in placed]
                _stroke(ImageDraw.Draw(mask), moved, size, fill[3])
                self._image.paste(fill[:3], box, mask)
        else:
            _stroke(self._pen, placed, size, fill)

    def ring(self, x: float, y: float, radius: float, fill: tuple[int, ...], width: float = 2) -> None:
        points = oval(x, y, radius, radius)
        self.line([*points, points[0]], fill, width)

    def soft(self, points: Sequence[Point], fill: tuple[int, ...], blur: float) -> None:
        """A shape with edges that fade over `blur`: a shadow or a glow."""
        placed = self._placed(points)
        spread = blur * self._scale()
        box = self._box(placed, 3 * spread)
        if box is None:
            return
        grain = _SOFT * self._over
        size = (max(1, (box[2] - box[0]) // grain), max(1, (box[3] - box[1]) // grain))
        mask = Image.new("L", size)
        opacity = fill[3] if len(fill) == 4 else 255
        ImageDraw.Draw(mask).polygon([((x - box[0]) / grain, (y - box[1]) / grain) for x, y in placed], fill=opacity)
        mask = mask.filter(ImageFilter.GaussianBlur(spread / grain))
        self._image.paste(fill[:3], box, mask.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BILINEAR))

    # --- the finished picture -----------------------------------------------------------------------------------------

    def mirror(self) -> None:
        """Swap left and right of all that is drawn so far."""
        self._image = self._image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        self._pen = ImageDraw.Draw(self._image, "RGBA")

    def jpeg(self, quality: int = 86) -> bytes:
        return self._saved("JPEG", quality=quality, optimize=True)

    def png(self) -> bytes:
        return self._saved("PNG", optimize=False)

    def _saved(self, kind: str, **options: int) -> bytes:
        content = io.BytesIO()
        self._image.reduce(self._over).save(content, kind, **options)
        return content.getvalue()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _scale(self) -> float:
        a, _b, _c, d, _e, _f = self._turn
        return math.hypot(a, d)

    def _placed(self, points: Iterable[Point]) -> list[Point]:
        a, b, c, d, e, f = self._turn
        return [(a * x + b * y + c, d * x + e * y + f) for x, y in points]

    def _box(self, points: Sequence[Point], margin: float = 0) -> tuple[int, int, int, int] | None:
        """The whole pixels that the points span, as far as they lie on the sheet."""
        xs, ys = [x for x, _y in points], [y for _x, y in points]
        left, top = max(0, math.floor(min(xs) - margin)), max(0, math.floor(min(ys) - margin))
        right = min(self._image.width, math.ceil(max(xs) + margin) + 1)
        bottom = min(self._image.height, math.ceil(max(ys) + margin) + 1)
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _mask(self, points: Sequence[Point], box: tuple[int, int, int, int]) -> Image.Image:
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in points], fill=255)
        return mask

    def _fill(self, points: list[Point], fill: Fill) -> None:
        if not isinstance(fill, Shade):
            self._pen.polygon(points, fill=fill)
            return
        box = self._box(points)
        if box is None:
            return
        # the colours run over the whole shape, also where a part of it lies outside the sheet
        places = [point[0 if fill.across else 1] for point in points]
        start, length = math.floor(min(places)), math.ceil(max(places)) - math.floor(min(places)) + 1
        strip = fill.strip(length)
        first, last = (box[0], box[2]) if fill.across else (box[1], box[3])
        part = (first - start, 0, last - start, 1) if fill.across else (0, first - start, 1, last - start)
        size = (box[2] - box[0], box[3] - box[1])
        self._image.paste(strip.crop(part).resize(size, Image.Resampling.NEAREST), box, self._mask(points, box))


def _stroke(pen: ImageDraw.ImageDraw, points: Sequence[Point], width: float, fill: int | tuple[int, ...]) -> None:
    half = width / 2
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        if length:
            nx, ny = (y0 - y1) / length * half, (x1 - x0) / length * half
            pen.polygon([(x0 + nx, y0 + ny), (x1 + nx, y1 + ny), (x1 - nx, y1 - ny), (x0 - nx, y0 - ny)], fill=fill)
    for x, y in points:
        pen.ellipse((x - half, y - half, x + half, y + half), fill=fill)


# --- outlines ---------------------------------------------------------------------------------------------------------


def oval(x: float, y: float, rx: float, ry: float) -> list[Point]:
    count = max(20, min(120, int(max(rx, ry))))
    return [
        (x + rx * math.cos(2 * math.pi * step / count), y + ry * math.sin(2 * math.pi * step / count))
        for step in range(count)
    ]


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, count: int = 24) -> list[Point]:
    """Points on an ellipse from one angle to another, in degrees clockwise from the right."""
    angles = [math.radians(start + (end - start) * step / count) for step in range(count + 1)]
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> list[Point]:
    if not radius:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    r = min(radius, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
    corners = [(x0 + r, y0 + r, 180), (x1 - r, y0 + r, 270), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90)]
    return [point for x, y, start in corners for point in arc(x, y, r, r, start, start + 90, 8)]


def smooth(points: Sequence[Point], *, closed: bool = False, steps: int = 10) -> list[Point]:
    """A curve through all the points (Catmull and Rom's)."""
    count = len(points)
    found: list[Point] = []
    for index in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(index + shift) % count] for shift in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(max(index + shift, 0), count - 1)] for shift in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
            found.append(
                (
                    sum(w * p[0] for w, p in zip(weights, (p0, p1, p2, p3), strict=True)) / 2,
                    sum(w * p[1] for w, p in zip(weights, (p0, p1, p2, p3), strict=True)) / 2,
                )
            )
    return found if closed else [*found, points[-1]]


def symmetrical(half: Sequence[Point], x: float = 0) -> list[Point]:
    """A half outline, from top to bottom, and its mirror image about the vertical at x."""
    return [*half, *((2 * x - px, py) for px, py in reversed(half))]
