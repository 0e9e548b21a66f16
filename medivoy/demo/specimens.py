"""Papers that nobody issued: licences, diplomas, certificates and identity cards, each with SPECIMEN across it."""

import functools
import io
import math
import random
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont

from . import casting, pictures

#: A page of A4 and a card, in pixels.
PAGE = (827, 1169)
CARD = (1012, 638)
#: Where a line's value begins beside its label, and the smallest letters.
VALUES_AT, SMALLEST = 330, 12
NOTE = "Made by a computer for a demonstration. It proves nothing."
INK, FADED, PAPER = (38, 46, 66), (116, 124, 142), (253, 252, 247)
STAMP = (190, 40, 52)
#: The colours of those who issue papers.
_COLOURS = ((24, 84, 122), (34, 104, 78), (122, 62, 36), (88, 52, 118), (128, 40, 60), (56, 70, 92))

Fields = Mapping[str, str]


def certificate(title: str, *, issuer: str, holder: str, text: str, fields: Fields, seed: str) -> bytes:
    """A page as PDF: who issued it, what it is, to whom, and `fields` as lines with their labels."""
    chance = casting.dice(f"paper {seed}")
    colour = chance.choice(_COLOURS)
    page = Image.new("RGB", PAGE, PAPER)
    draw = ImageDraw.Draw(page)
    _border(draw, colour, chance)
    _emblem(draw, (PAGE[0] / 2, 168), 58, colour, chance)
    _centred(draw, 268, issuer.upper(), 21, colour)
    _centred(draw, 352, title, 44, INK)
    _centred(draw, 446, text, 20, FADED)
    _centred(draw, 492, holder, 36, INK)
    draw.line([(200, 548), (PAGE[0] - 200, 548)], fill=colour, width=2)
    for number, (label, value) in enumerate(fields.items()):
        y = 606 + 56 * number
        draw.text((170, y), _plain(label), fill=FADED, font=font(18))
        size = _fitting(draw, _plain(value), 22, PAGE[0] - 170 - VALUES_AT)
        draw.text((VALUES_AT, y - 3), _plain(value), fill=INK, font=font(size))
        draw.line([(170, y + 34), (PAGE[0] - 170, y + 34)], fill=(222, 220, 210))
    _signature(draw, (190, 1010), chance)
    _centred_at(draw, (280, 1042), "Registrar", 16, FADED)
    _seal(draw, (590, 985), 62, colour)
    across(page)
    _centred(draw, 1108, NOTE, 15, FADED)
    return _as_pdf(page)


def identity_card(*, holder: str, number: str, country: str, gender: str, born: str, seed: str) -> bytes:
    """A card with a portrait, as JPEG, as if somebody had photographed it."""
    chance = casting.dice(f"card {seed}")
    colour = chance.choice(_COLOURS)
    card = Image.new("RGB", CARD, (238, 243, 246))
    draw = ImageDraw.Draw(card)
    _waves(draw, CARD, tuple(min(255, part + 150) for part in colour), chance)
    draw.rectangle([(0, 0), (CARD[0], 84)], fill=colour)
    draw.text((36, 24), f"{country}   IDENTITY CARD", fill="white", font=font(34))
    with Image.open(io.BytesIO(pictures.doctor_portrait(seed, gender=gender, country=country))) as portrait:
        card.paste(portrait.convert("RGB").resize((264, 330)), (40, 120))
    first, _space, last = holder.partition(" ")
    for number_of_line, (label, value) in enumerate(
        {"Name": holder, "Date of birth": born, "Number": number, "Nationality": country}.items()
    ):
        y = 122 + 84 * number_of_line
        draw.text((344, y), label, fill=FADED, font=font(18))
        draw.text((344, y + 24), _plain(value), fill=INK, font=font(32))
    line = f"ID{country}{_plain(last)}<<{_plain(first)}".upper().replace(" ", "<").ljust(34, "<")[:34]
    draw.rectangle([(0, 490), (CARD[0], CARD[1])], fill=(250, 250, 250))
    draw.text((40, 516), line, fill=INK, font=font(36))
    draw.text((40, 574), NOTE, fill=FADED, font=font(20))
    across(card)
    body = io.BytesIO()
    card.save(body, "JPEG", quality=86)
    return body.getvalue()


def letter(title: str, *, issuer: str, about: Fields, lines: Sequence[str], seed: str) -> bytes:
    """A page as PDF, as hospitals and laboratories send it: whose it is, then line by line what was found."""
    chance = casting.dice(f"letter {seed}")
    colour = chance.choice(_COLOURS)
    page = Image.new("RGB", PAGE, (255, 255, 255))
    draw = ImageDraw.Draw(page)
    draw.rectangle([(0, 0), (PAGE[0], 14)], fill=colour)
    draw.text((80, 62), _plain(issuer), fill=colour, font=font(_fitting(draw, _plain(issuer), 26, PAGE[0] - 160)))
    draw.line([(80, 112), (PAGE[0] - 80, 112)], fill=colour, width=2)
    draw.text((80, 146), _plain(title), fill=INK, font=font(_fitting(draw, _plain(title), 34, PAGE[0] - 160)))
    for number, (label, value) in enumerate(about.items()):
        y = 216 + 34 * number
        draw.text((80, y), label, fill=FADED, font=font(18))
        draw.text((270, y - 2), _plain(value), fill=INK, font=font(20))
    y = 250 + 34 * len(about)
    for line in lines:
        for column, part in enumerate(line.split("\t")):
            draw.text((80 + 250 * column, y), _plain(part), fill=INK, font=font(19))
        y += 36
    _signature(draw, (90, 1000), chance)
    across(page)
    _centred(draw, 1108, NOTE, 15, FADED)
    return _as_pdf(page)


def _as_pdf(page: Image.Image) -> bytes:
    body = io.BytesIO()
    page.save(body, "PDF", resolution=100, quality=80, title="Specimen")
    return body.getvalue()


@functools.cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own, which has the letters of ASCII."""
    return ImageFont.load_default(size)


def _plain(text: str) -> str:
    return casting.without_accents(text)


def _centred(draw: ImageDraw.ImageDraw, y: float, text: str, size: int, colour: tuple[int, ...]) -> None:
    _centred_at(draw, (PAGE[0] / 2, y), text, size, colour)


def _centred_at(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, colour: tuple[int, ...]
) -> None:
    text = _plain(text)
    draw.text(at, text, fill=colour, font=font(_fitting(draw, text, size, PAGE[0] - 190)), anchor="mm")


def _fitting(draw: ImageDraw.ImageDraw, text: str, size: int, width: float) -> int:
    """As large as asked, or as fits."""
    while size > SMALLEST and draw.textlength(text, font=font(size)) > width:
        size -= 1
    return size


def _border(draw: ImageDraw.ImageDraw, colour: tuple[int, ...], chance: random.Random) -> None:
    width, height = PAGE
    pale = tuple(min(255, part + 140) for part in colour)
    turns = chance.randint(14, 22)
    for phase in range(5):
        for upright in (False, True):
            length = height if upright else width
            points = [
                (along, 58 + 15 * math.sin(2 * math.pi * (turns * along / length + phase / 5)))
                for along in range(44, length - 43, 3)
            ]
            for far in (False, True):
                limit = width if upright else height
                placed = [(along, limit - across if far else across) for along, across in points]
                draw.line([(y, x) for x, y in placed] if upright else placed, fill=pale)
    draw.rectangle([(34, 34), (width - 34, height - 34)], outline=colour, width=3)
    draw.rectangle([(82, 82), (width - 82, height - 82)], outline=colour, width=1)


def _waves(draw: ImageDraw.ImageDraw, size: tuple[int, int], colour: tuple[int, ...], chance: random.Random) -> None:
    turn = chance.random()
    for number in range(26):
        y = 84 + number * 22
        draw.line(
            [(x, y + 16 * math.sin(x / 90 + number / 3 + 6 * turn)) for x in range(0, size[0] + 8, 8)], fill=colour
        )


def _emblem(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], radius: float, colour: tuple[int, ...], chance: random.Random
) -> None:
    """Leaves in a ring about a cross or a star."""
    x, y = at
    draw.ellipse([(x - radius, y - radius), (x + radius, y + radius)], outline=colour, width=4)
    leaves = chance.choice((16, 20, 24))
    for number in range(leaves):
        turn = 2 * math.pi * number / leaves
        middle = (x + 0.8 * radius * math.cos(turn), y + 0.8 * radius * math.sin(turn))
        draw.ellipse([(middle[0] - 5, middle[1] - 5), (middle[0] + 5, middle[1] + 5)], fill=colour)
    if chance.random() < 0.5:
        for wide, high in ((0.16, 0.52), (0.52, 0.16)):
            draw.rectangle(
                [(x - wide * radius, y - high * radius), (x + wide * radius, y + high * radius)], fill=colour
            )
    else:
        draw.regular_polygon((x, y, 0.55 * radius), 6, fill=colour)


def _seal(draw: ImageDraw.ImageDraw, at: tuple[float, float], radius: float, colour: tuple[int, ...]) -> None:
    x, y = at
    for share in (1.0, 0.9, 0.62):
        r = radius * share
        draw.ellipse([(x - r, y - r), (x + r, y + r)], outline=colour, width=3)
    _centred_at(draw, at, "SEAL", 24, colour)


def _signature(draw: ImageDraw.ImageDraw, at: tuple[float, float], chance: random.Random) -> None:
    x, y = at
    points = []
    for step in range(70):
        swing = chance.uniform(6, 26) if step % 7 == 0 else 14
        points.append((x + 2.6 * step, y + swing * math.sin(step / 2.1) * math.exp(-step / 60) + chance.uniform(-2, 2)))
    draw.line(points, fill=(30, 44, 120), width=3, joint="curve")
    draw.line([(x, y + 20), (x + 180, y + 20)], fill=FADED)


def across(sheet: Image.Image) -> None:
    """SPECIMEN, from corner to corner, through which the paper can still be read."""
    width, height = sheet.size
    letters = font(int(min(width, height) / 5.4))
    veil = Image.new("L", (int(math.hypot(width, height)), int(min(width, height) / 4)))
    ImageDraw.Draw(veil).text((veil.width / 2, veil.height / 2), "SPECIMEN", fill=92, font=letters, anchor="mm")
    turned = veil.rotate(math.degrees(math.atan2(height, width)), expand=True, resample=Image.Resampling.BILINEAR)
    corner = ((width - turned.width) // 2, (height - turned.height) // 2)
    sheet.paste(Image.new("RGB", turned.size, STAMP), corner, turned)
