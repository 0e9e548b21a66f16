"""The fronts of houses: storeys, windows of several kinds, roofs, and a glazed entrance under a canopy."""

import math
import random
from collections.abc import Callable

from . import marks, plants
from .canvas import Canvas, Colour, Point, Shade, arc, down, oval, smooth
from .palette import WHITE, Light, Look, darker, lighter, mix, see_through

LAMP: Colour = (255, 220, 152)
PLINTH = 8


class House:
    """Draws the parts of one hospital, all in its colours and under one light."""

    storey = 58

    def __init__(self, c: Canvas, light: Light, look: Look, chance: random.Random) -> None:
        self._c, self._light, self._chance = c, light, chance
        self._wall, self._stone = light.on(look.wall), light.on(look.stone)
        self._accent, self._wood, self._leaf = light.on(look.accent), light.on(look.wood), light.on(look.leaf)
        sky = light.sky
        self._pane = (mix(light.on((104, 168, 196)), sky[1], 0.25), mix(light.on((72, 128, 164)), sky[0], 0.2))
        self._lamp = mix(LAMP, light.ambient, 0.1)
        #: The outline of the block that was drawn last: where a shadow may fall.
        self._behind: list[Point] = []
        self._windows: dict[str, Callable[[float, float, float, float], None]] = {
            "none": self._blank, "ribbon": self._ribbons, "grid": self._grid, "fins": self._fins,
            "glass": self._curtain, "balconies": self._balconies, "lattice": self._lattice, "arches": self._arches,
        }  # fmt: skip
        self._roofs = {"flat": self._flat, "plant": self._plant, "garden": self._garden, "crown": self._crown}

    # --- bodies -------------------------------------------------------------------------------------------------------

    def block(self, left: float, right: float, foot: float, storeys: float, *, windows: str, roof: str = "flat",
              stone: bool = False, proud: bool = False) -> None:  # fmt: skip
        """A box of so many storeys; one that stands `proud` of the others throws a shadow on them."""
        c, top = self._c, foot - storeys * self.storey - 16
        wall = self._stone if stone else self._wall
        if proud:
            with c.within(self._behind):
                c.soft([(left + 14, top - 10), (right + 16, top - 10), (right + 16, foot), (left + 14, foot)],
                       (20, 30, 60, 110), 12)  # fmt: skip
        self._behind = [(left, top), (right, top), (right, foot), (left, foot)]
        self._roofs[roof](left, right, top)
        c.rect(left, top, right, foot, down(lighter(wall, 0.12), wall, darker(wall, 0.06)))
        with c.within([(left, top), (right, top), (right, foot), (left, foot)]):
            self._windows[windows](left, right, top + 16, foot)
            c.polygon([(left, foot), (left, foot - 90), (right, foot - 24), (right, foot)], (30, 40, 70, 16))
            c.rect(right - 26, top, right, foot, (24, 34, 64, 22))
        c.rect(left - 5, top - 5, right + 5, top + 6, lighter(wall, 0.3))
        c.rect(left, top + 6, right, top + 11, (24, 34, 64, 50))
        c.rect(left - 2, foot - PLINTH, right + 2, foot, darker(self._stone, 0.28))

    def drum(self, left: float, right: float, foot: float, storeys: int) -> None:
        """A round tower: its windows narrow towards the sides."""
        c, middle, radius = self._c, (left + right) / 2, (right - left) / 2
        top = foot - storeys * self.storey - 10
        wall = self._wall
        with c.within(self._behind):
            c.soft([(left + 20, top), (right + 26, top), (right + 26, foot), (left + 20, foot)], (20, 30, 60, 90), 14)
        c.ellipse(middle, top, radius + 6, 15, lighter(wall, 0.3))
        c.ellipse(middle, top - 3, radius - 4, 11, mix(self._stone, self._leaf, 0.2))
        body = [*reversed(arc(middle, top, radius, 14, 0, 180)), (right, foot), (left, foot)]
        shades = Shade((darker(wall, 0.16), lighter(wall, 0.3), wall, darker(wall, 0.26)), across=True)
        c.polygon(body, shades)
        with c.within(body):
            for number in range(storeys):
                y = top + 24 + number * self.storey
                upper = arc(middle, y, radius, 13, 180, 0, 30)
                lower = arc(middle, y + 32, radius, 13, 0, 180, 30)
                c.polygon(
                    [*upper, *lower],
                    Shade(
                        (darker(self._pane[1], 0.2), self._pane[0], self._pane[1], darker(self._pane[1], 0.32)),
                        across=True,
                    ),
                )
                for column in range(13):
                    angle = math.radians(8 + column * 164 / 12)
                    px, bend = middle - radius * math.cos(angle), 13 * math.sin(angle)
                    if column < 12 and self._chance.random() < self._light.lit * 0.8:
                        ax = middle - radius * math.cos(angle + math.radians(164 / 12))
                        c.polygon(
                            [(px, y + bend), (ax, y + bend), (ax, y + 32 + bend), (px, y + 32 + bend)], self._lamp
                        )
                    c.line([(px, y + bend), (px, y + 32 + bend)], lighter(wall, 0.1), 3)
        c.rect(left - 2, foot - PLINTH, right + 2, foot, darker(self._stone, 0.28))

    # --- windows ------------------------------------------------------------------------------------------------------

    def _glass(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """One pane, sometimes with the lamp on, with a blind or a glance of sky."""
        c, roll = self._c, self._chance.random()
        if roll < self._light.lit:
            c.rect(x0, y0, x1, y1, down(lighter(self._lamp, 0.25), self._lamp))
        else:
            c.rect(x0, y0, x1, y1, down(*self._pane))
            if roll > 0.86:
                c.rect(x0, y0, x1, y0 + (y1 - y0) * 0.4, see_through(self._wall, 150))
            else:
                wide = x1 - x0
                c.polygon([(x0 + wide * 0.16, y1), (x0 + wide * 0.62, y0), (x0 + wide * 0.86, y0), (x0 + wide * 0.4,
                       y1)],
                          (255, 255, 255, 34))  # fmt: skip
        c.rect(x0, y0, x1, y0 + 3, (20, 30, 56, 70))

    def _rows(self, top: float, foot: float) -> list[float]:
        return [foot - (number + 1) * self.storey for number in range(round((foot - top) / self.storey))]

    def _blank(self, left: float, right: float, top: float, foot: float) -> None:
        """Cladding in panels."""
        for y in self._rows(top, foot):
            self._c.rect(left, y, right, y + 1.5, darker(self._stone, 0.16))

    def _ribbons(self, left: float, right: float, top: float, foot: float) -> None:
        """Bands of glass from end to end, between bands of wall."""
        c = self._c
        count = max(3, round((right - left) / 46))
        wide = (right - left - 36) / count
        for y in self._rows(top, foot):
            c.rect(left + 16, y + 12, right - 16, y + 46, darker(self._stone, 0.2))
            for number in range(count):
                x = left + 18 + number * wide
                self._glass(x, y + 14, x + wide - 3, y + 44)
            c.rect(left + 10, y + 46, right - 10, y + 50, lighter(self._wall, 0.3))
            c.rect(left, y + 52, right, y + 54, see_through(self._accent, 70))

    def _grid(self, left: float, right: float, top: float, foot: float) -> None:
        """Single windows with reveals."""
        c = self._c
        count = max(3, round((right - left) / 54))
        step = (right - left - 24) / count
        for y in self._rows(top, foot):
            for number in range(count):
                x = left + 12 + number * step + step * 0.2
                wide = step * 0.6
                c.rect(x - 3, y + 9, x + wide + 3, y + 47, darker(self._wall, 0.16))
                self._glass(x, y + 11, x + wide, y + 46)
                c.rect(x + wide / 2 - 1, y + 11, x + wide / 2 + 1, y + 46, self._wall)
                c.rect(x - 5, y + 46, x + wide + 5, y + 50, lighter(self._wall, 0.3))

    def _fins(self, left: float, right: float, top: float, foot: float) -> None:
        """Glass behind upright blades."""
        c = self._c
        self._curtain(left + 10, right - 10, top, foot)
        count = round((right - left) / 22)
        for number in range(count + 1):
            x = left + 10 + number * (right - left - 20) / count
            c.rect(x - 3, top, x + 3, foot, lighter(self._wall, 0.1))
            c.rect(x + 1, top, x + 3, foot, darker(self._wall, 0.14))
        for y in self._rows(top, foot)[1::2]:
            c.rect(left, y + 50, right, y + 58, self._wall)

    def _curtain(self, left: float, right: float, top: float, foot: float) -> None:
        """A wall all of glass that mirrors the sky."""
        c = self._c
        c.rect(
            left, top - 4, right, foot, down(mix(self._pane[0], self._light.sky[2], 0.35), self._pane[0], self._pane[1])
        )
        count = max(3, round((right - left) / 44))
        wide = (right - left) / count
        for y in self._rows(top, foot):
            for number in range(count):
                if self._chance.random() < self._light.lit * 0.7:
                    c.rect(
                        left + number * wide,
                        y + 8,
                        left + (number + 1) * wide,
                        y + self.storey,
                        see_through(self._lamp, 220),
                    )
        for share in (0.08, 0.3, 0.62):
            x, run = left + (right - left) * share, (foot - top) * 0.42
            c.polygon([(x, foot), (x + run, top - 4), (x + run + 46, top - 4), (x + 46, foot)], (255, 255, 255, 26))
        frame = lighter(self._stone, 0.3)
        for number in range(count + 1):
            c.rect(left + number * wide - 1.2, top - 4, left + number * wide + 1.2, foot, frame)
        for y in self._rows(top, foot):
            c.rect(left, y + 1, right, y + 6, frame)

    def _balconies(self, left: float, right: float, top: float, foot: float) -> None:
        """Deep balconies with glass rails and something green."""
        c = self._c
        count = max(2, round((right - left) / 84))
        wide = (right - left - 20) / count
        for y in self._rows(top, foot):
            for number in range(count):
                x = left + 10 + number * wide
                c.rect(x + 7, y + 5, x + wide - 7, y + 52, darker(self._wall, 0.22))
                c.rect(x + 7, y + 5, x + wide - 7, y + 16, (20, 30, 56, 60))
                self._glass(x + 13, y + 13, x + wide * 0.46, y + 52)
                self._glass(x + wide * 0.5, y + 13, x + wide - 13, y + 52)
                if self._chance.random() < 0.4:
                    plants.bush(c, x + wide * self._chance.uniform(0.25, 0.75), y + 40, 30, self._leaf, self._chance)
                c.rect(x + 3, y + 34, x + wide - 3, y + 52, see_through(lighter(self._pane[0], 0.5), 120))
                c.rect(x + 3, y + 32, x + wide - 3, y + 35, lighter(self._wall, 0.4))
                c.rect(x + 1, y + 51, x + wide - 1, y + 57, lighter(self._wall, 0.25))

    def _lattice(self, left: float, right: float, top: float, foot: float) -> None:
        """A screen of stars in stone before the windows."""
        c, size = self._c, 27
        inner_left, inner_right = left + 26, right - 26
        c.rect(inner_left, top + 84, inner_right, foot - 66, down(*self._pane))
        columns = max(2, round((inner_right - inner_left) / size))
        step = (inner_right - inner_left) / columns
        screen = lighter(self._stone, 0.35)
        for row in range(int((foot - 66 - top - 84) / step)):
            for column in range(columns):
                x, y = inner_left + (column + 0.5) * step, top + 84 + (row + 0.5) * step
                if self._chance.random() < self._light.lit:
                    c.rect(x - step / 2, y - step / 2, x + step / 2, y + step / 2, self._lamp)
                c.line([(x - step / 2, y - step / 2), (x + step / 2, y + step / 2)], screen, 3)
                c.line([(x + step / 2, y - step / 2), (x - step / 2, y + step / 2)], screen, 3)
                c.polygon([(x, y - 8), (x + 8, y), (x, y + 8), (x - 8, y)], screen)
        c.line([(inner_left, top + 84), (inner_right, top + 84), (inner_right, foot - 66), (inner_left, foot - 66),
                (inner_left, top + 84)], lighter(self._stone, 0.2), 6)  # fmt: skip

    def _arches(self, left: float, right: float, top: float, foot: float) -> None:
        c, chance = self._c, self._chance
        count = max(3, round((right - left) / 92))
        step = (right - left - 20) / count
        for number in range(count):
            x, half = left + 10 + (number + 0.5) * step, step * 0.37
            spring = top + 18 + half
            outline = [
                (x - half, foot),
                (x - half, spring),
                *arc(x, spring, half, half * 1.1, 180, 360),
                (x + half, foot),
            ]
            c.polygon(outline, darker(self._wall, 0.34))
            with c.within(outline):
                self._glass(x - half + 7, top, x + half, foot)
                if chance.random() < 0.7:
                    plants.bush(c, x + 6, foot - 4, 44, self._leaf, chance)
            c.line(arc(x, spring, half + 3, half * 1.1 + 3, 180, 360), lighter(self._stone, 0.4), 4)

    # --- roofs --------------------------------------------------------------------------------------------------------

    def _flat(self, left: float, right: float, top: float) -> None:
        self._c.rect(left + 30, top - 12, left + 90, top, darker(self._stone, 0.1))

    def _plant(self, left: float, right: float, top: float) -> None:
        """Lift house, cooling and an aerial."""
        c, wide = self._c, right - left
        c.rect(left + wide * 0.16, top - 36, left + wide * 0.58, top, darker(self._wall, 0.1))
        for number in range(5):
            c.rect(
                left + wide * (0.2 + number * 0.07),
                top - 24,
                left + wide * (0.245 + number * 0.07),
                top - 8,
                darker(self._wall, 0.24),
            )
        c.rect(left + wide * 0.66, top - 20, left + wide * 0.82, top, darker(self._stone, 0.16))
        c.line([(left + wide * 0.5, top - 74), (left + wide * 0.5, top - 34)], darker(self._stone, 0.3), 2.4)

    def _garden(self, left: float, right: float, top: float) -> None:
        c, chance = self._c, self._chance
        x = left + 20
        while x < right - 16:
            plants.bush(c, x, top, chance.uniform(34, 56), self._leaf, chance)
            if chance.random() < 0.2:
                plants.oval_tree(c, x + 10, top, chance.uniform(60, 84), self._leaf)
            x += chance.uniform(26, 48)
        c.rect(left + 4, top - 16, right - 4, top, see_through(lighter(self._pane[0], 0.6), 80))

    def _crown(self, left: float, right: float, top: float) -> None:
        """A thin roof on posts that reaches beyond the walls."""
        c = self._c
        for number in range(5):
            x = left + 20 + number * (right - left - 40) / 4
            c.rect(x - 3, top - 26, x + 3, top, darker(self._stone, 0.2))
        c.rect(left + 24, top - 22, right - 24, top, darker(self._pane[1], 0.1))
        c.polygon(
            [(left - 22, top - 26), (left - 8, top - 38), (right + 8, top - 38), (right + 22, top - 26)], self._wood
        )
        c.rect(left - 22, top - 27, right + 22, top - 23, darker(self._wood, 0.3))

    # --- the way in ---------------------------------------------------------------------------------------------------

    def sign(self, x: float, y: float, code: str, *, on_glass: bool = False) -> None:
        """The hospital's mark on its front."""
        c = self._c
        c.circle(x, y + 3, 31, (20, 30, 60, 60))
        c.circle(x, y, 31, lighter(self._wall, 0.5) if on_glass else self._accent)
        main = self._accent if on_glass else lighter(self._light.on(WHITE), 0.3)
        with c.at(x, y, scale=0.2):
            marks.figure_of(code)(c, main, mix(main, self._lamp if not on_glass else self._wood, 0.55))

    def entrance(self, left: float, right: float, foot: float) -> None:
        """Sliding doors in a lit hall, under a canopy on slim posts."""
        c, light = self._c, self._light
        top, middle = foot - 104, (left + right) / 2
        glow = 0.35 + 0.6 * light.lit
        inside = mix(self._pane[0], self._lamp, min(1, glow))
        c.rect(left, top, right, foot, down(lighter(inside, 0.2), inside))
        with c.within([(left, top), (right, top), (right, foot), (left, foot)]):
            c.rect(left, foot - 16, right, foot, mix(inside, self._wood, 0.35))
            c.rect(left + 26, foot - 44, left + 92, foot - 12, mix(inside, self._wood, 0.75))
            c.rect(left + 22, foot - 48, left + 96, foot - 42, mix(inside, self._wood, 0.4))
            for number in range(4):
                x = left + (right - left) * (0.14 + 0.24 * number)
                c.line([(x, top), (x, top + 20)], mix(inside, (60, 60, 70), 0.5), 1.6)
                c.circle(x, top + 24, 6, lighter(self._lamp, 0.4))
            plants.bush(c, right - 40, foot - 14, 40, self._leaf, self._chance)
            for share in (0.2, 0.66):
                x = left + (right - left) * share
                c.polygon([(x - 40, foot), (x + 20, top), (x + 52, top), (x - 8, foot)], (255, 255, 255, 36))
        frame = darker(self._stone, 0.42)
        for share in (0, 0.2, 0.36, 0.5, 0.64, 0.8, 1):
            x = left + (right - left) * share
            c.rect(x - 2, top, x + 2, foot, frame)
        c.rect(middle - (right - left) * 0.14, foot - 74, middle + (right - left) * 0.14, foot - 71, frame)
        for side in (-1, 1):
            c.rect(middle + side * 8 - 1.5, foot - 48, middle + side * 8 + 1.5, foot - 26, lighter(frame, 0.6))
        c.polygon([(left, top), (right, top), (right, top + 26), (left, top + 18)], (20, 30, 56, 56))
        for x in (left - 34, right + 34):
            c.rect(x - 4, top, x + 4, foot + 16, lighter(self._stone, 0.3))
            c.rect(x + 1, top, x + 4, foot + 16, darker(self._stone, 0.1))
        roof = smooth([(left - 60, top - 4), (middle, top - 22), (right + 60, top - 4)], steps=14)
        c.polygon([*roof, (right + 60, top + 8), (left - 60, top + 8)], down(lighter(self._accent, 0.15), self._accent))
        c.rect(left - 60, top + 6, right + 60, top + 10, darker(self._accent, 0.3))
        if light.lit > 0.5:
            c.soft(oval(middle, foot + 30, (right - left) * 0.7, 26), see_through(LAMP, 90), 16)
