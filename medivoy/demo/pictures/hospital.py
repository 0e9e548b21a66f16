"""A hospital from the street: its house in the light of an hour, before the landscape of its city."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from . import facades, landscape, places, plants, street
from .canvas import Canvas
from .palette import Light, Look, dice, light_at, look_of

WIDTH, HEIGHT = 1600, 900
HORIZON = 676
#: Where the houses stand.
GROUND = 722


@dataclass(frozen=True)
class _Site:
    """What a composition is drawn with."""

    c: Canvas
    house: facades.House
    light: Light
    look: Look
    chance: random.Random
    code: str


def hospital_cover(code: str, *, country: str, city: str, hour: int) -> bytes:
    """A hospital's picture, 1600 by 900, as JPEG, by the light of `hour` (0 to 23)."""
    chance, light, look = dice("cover", code), light_at(hour), look_of(code)
    c = Canvas(WIDTH, HEIGHT, over=2)
    landscape.sky(c, light, chance, horizon=HORIZON)
    places.scenery(country, city, chance)(c, light, chance, HORIZON)
    palms = places.has_palms(country, city)
    street.ground(c, light, look, chance, HORIZON - 2, GROUND)
    street.back_trees(c, light, look, chance, GROUND - 18, palms=palms)
    site = _Site(c, facades.House(c, light, look, chance), light, look, chance, code)
    dice("massing", code).choice(_COMPOSITIONS)(site)
    street.forecourt(c, light, look, chance, GROUND)
    _garden(site, palms=palms)
    street.people(c, light, chance, GROUND + 34)
    street.traffic(c, light, look, chance, GROUND)
    if chance.random() < 0.5:
        c.mirror()
    return c.jpeg(80)


def _garden(site: _Site, *, palms: bool) -> None:
    c, chance, leaf = site.c, site.chance, site.light.on(site.look.leaf)
    for x, size in ((60, 250), (390, 190), (1530, 270), (1450, 180)):
        place, high = x + chance.uniform(-24, 24), size * chance.uniform(0.9, 1.12)
        street.shade(c, place, GROUND + 26, high * 0.3)
        if palms:
            plants.palm(c, place, GROUND + 26, high * 1.1, leaf, chance)
        elif chance.random() < 0.6:
            plants.round_tree(c, place, GROUND + 26, high, leaf, chance)
        else:
            plants.oval_tree(c, place, GROUND + 26, high, leaf)
    for x in (120, 190, 300, 470, 560, 1310, 1390, 1490, 1570):
        plants.bush(c, x + chance.uniform(-16, 16), GROUND + 30, chance.uniform(52, 84), leaf, chance)


def _slab_and_tower(site: _Site) -> None:
    """A high ward block behind a long low front."""
    house, chance = site.house, site.chance
    left = chance.choice((830, 620))
    house.block(left, left + 330, GROUND, 9, windows=chance.choice(("ribbon", "grid", "fins")), roof="plant")
    house.block(left + 236, left + 346, GROUND, 9.5, windows="none", stone=True)
    house.sign(left + 291, GROUND - 9 * house.storey + 24, site.code)
    house.block(480, 1380, GROUND, 3, windows="glass", proud=True)
    house.block(480, 700, GROUND, 4, windows="grid", stone=True)
    house.entrance(830, 1110, GROUND)


def _two_wings(site: _Site) -> None:
    """Two equal wings and a hall of glass between them."""
    house, chance = site.house, site.chance
    windows = chance.choice(("ribbon", "grid", "balconies"))
    house.block(780, 1090, GROUND, 7, windows="glass", roof="crown")
    house.block(470, 800, GROUND, 6, windows=windows)
    house.block(1070, 1400, GROUND, 6, windows=windows)
    house.sign(935, GROUND - 7 * house.storey + 64, site.code, on_glass=True)
    house.entrance(800, 1070, GROUND)


def _terraces(site: _Site) -> None:
    """Storeys that step back, with gardens on each step."""
    house = site.house
    for left, right, storeys in ((900, 1240, 8), (760, 1300, 6), (620, 1360, 4)):
        house.block(left, right, GROUND, storeys, windows="ribbon", roof="garden", proud=storeys < 8)
    house.block(1130, 1240, GROUND, 8.6, windows="none", stone=True)
    house.sign(1185, GROUND - 8 * house.storey + 30, site.code)
    house.block(480, 1420, GROUND, 2, windows="glass", roof="garden", proud=True)
    house.entrance(810, 1080, GROUND)


def _arcade(site: _Site) -> None:
    """A calm house with a lattice tower over an arcade."""
    house = site.house
    house.block(560, 790, GROUND, 7, windows="lattice", roof="crown", stone=True)
    house.sign(675, GROUND - 7 * house.storey + 52, site.code)
    house.block(760, 1400, GROUND, 5, windows="grid")
    house.block(470, 1420, GROUND, 1.6, windows="arches", proud=True, roof="garden", stone=True)
    house.entrance(930, 1170, GROUND)


def _round_corner(site: _Site) -> None:
    """A round tower at the corner of a long wing."""
    house, chance = site.house, site.chance
    house.block(720, 1420, GROUND, 6, windows=chance.choice(("ribbon", "balconies", "fins")), roof="plant")
    house.drum(500, 810, GROUND, 8)
    house.block(1310, 1420, GROUND, 6.6, windows="none", stone=True)
    house.sign(1365, GROUND - 6 * house.storey + 26, site.code)
    house.block(740, 1250, GROUND, 2, windows="glass", proud=True)
    house.entrance(880, 1130, GROUND)


_COMPOSITIONS: tuple[Callable[[_Site], None], ...] = (_slab_and_tower, _two_wings, _terraces, _arcade, _round_corner)
