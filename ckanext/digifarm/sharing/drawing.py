"""The picture of a page that has none: its title, drawn.

Only titles of ours are drawn: the address of a picture holds the title, and a
mark that nobody else can make. So it needs no database, and says nothing that
its address doesn't say.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from hmac import compare_digest
from pathlib import Path

import ckantoolkit as tk
from anyascii import anyascii
from itsdangerous import Signer
from PIL import Image, ImageDraw, ImageFont

from ..lib.text import shortened

#: As social networks and messengers show them, in pixels.
SIZE = WIDTH, HEIGHT = 1200, 630

#: More of a title is not drawn, in characters.
LONGEST = 120

#: Changes where pictures are drawn in another way.
VERSION = "1"

FONT = Path(__file__).with_name("fonts") / "DejaVuSans-Bold.ttf"

#: What the font has letters for; FONT is cut to it.
DRAWN = re.compile(
    r"[ -~\u00a0-\u024f\u0370-\u03ff\u0400-\u045f\u0490\u0491\u1e00-\u1ef9"
    r"\u2010-\u2027\u2030-\u205e\u20ac\u2190-\u2193\u2212]"
)

BACKGROUND, LEAF, STALK = "#0b4a5c", "#17687e", "#2b8199"
TITLE, SMALL = "#ffffff", "#bfe3ec"

MARGIN = 80

#: Where the title stands, in pixels: it is made as big as it fits.
BOX_WIDTH, BOX_HEIGHT, BOX_TOP = 900, 330, 150
SIZES = range(96, 47, -4)
LEADING = 1.2

#: For the lines above and below.
SMALL_SIZE = 32


def title_of(title: str) -> str:
    """What of a title is drawn, in one line."""
    return shortened(" ".join(title.split()), LONGEST)


def mark(title: str) -> str:
    """What only this portal can add to the address of a title's picture."""
    signer = Signer(
        tk.config["SECRET_KEY"],
        salt="ckanext-digifarm:preview",
        digest_method=hashlib.sha256,
    )
    return signer.get_signature(title).decode()


def is_marked(title: str, given: str) -> bool:
    """Whether a picture of a title may be drawn."""
    return compare_digest(mark(title).encode(), given.encode())


def etag(*lines: str) -> str:
    """What changes as the picture does.

    :param lines: all that is written on it
    """
    words = "\n".join((VERSION, *lines))
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def draw(title: str, above: str, below: str) -> bytes:
    """A picture as PNG.

    :param title: as `title_of` gives it
    :param above: what it is, in a line
    :param below: the name of the portal
    """
    image = Image.new("RGB", SIZE, BACKGROUND)
    pen = ImageDraw.Draw(image)
    _plant(pen)
    small = _font(SMALL_SIZE)
    room = WIDTH - 2 * MARGIN
    pen.text((MARGIN, MARGIN), _line(above, small, room), SMALL, small)
    font, lines = _fit(written(title))
    top = BOX_TOP
    for line in lines:
        pen.text((MARGIN, top), line, TITLE, font)
        top += int(font.size * LEADING)
    bottom = HEIGHT - MARGIN - SMALL_SIZE
    pen.text((MARGIN, bottom), _line(below, small, room), SMALL, small)
    result = io.BytesIO()
    image.quantize(64).save(result, "PNG", optimize=True)
    return result.getvalue()


def written(text: str) -> str:
    """A text in letters that the font has; others are written in Latin."""
    return " ".join("".join(map(_letter, text)).split())


def _letter(character: str) -> str:
    if DRAWN.fullmatch(character) or character.isspace():
        return character
    # Letters have a sound; what is only a picture has a long name.
    is_letter = unicodedata.category(character)[0] in "LN"
    return anyascii(character) if is_letter else ""


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


def _fit(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The biggest size in which a title has room, and its lines."""
    words = title.split()
    for size in SIZES:
        font = _font(size)
        lines = [*_lines(words, font)]
        fits = len(lines) <= _most_lines(size) and all(
            font.getlength(line) <= BOX_WIDTH for line in lines
        )
        if fits:
            return font, lines
    font = _font(SIZES[-1])
    parts = [part for word in words for part in _parts(word, font)]
    lines = [*_lines(parts, font)]
    most = _most_lines(SIZES[-1])
    if len(lines) > most:
        lines[most - 1 :] = [
            _line(" ".join(lines[most - 1 :]), font, BOX_WIDTH)
        ]
    return font, lines


def _most_lines(size: int) -> int:
    return int(BOX_HEIGHT / (size * LEADING))


def _lines(words: list[str], font: ImageFont.FreeTypeFont) -> Iterator[str]:
    """Words in lines that fit, where each word does."""
    line = ""
    for word in words:
        longer = f"{line} {word}".lstrip()
        if line and font.getlength(longer) > BOX_WIDTH:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def _parts(word: str, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    """A word in parts that fit into a line."""
    while font.getlength(word) > BOX_WIDTH:
        part = word
        while font.getlength(f"{part}-") > BOX_WIDTH:
            part = part[:-1]
        yield f"{part}-"
        word = word[len(part) :]
    yield word


def _line(text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    """As much of a text as has room in a line."""
    line = written(text)[:LONGEST]
    if font.getlength(line) <= room:
        return line
    while line and font.getlength(f"{line.rstrip()}…") > room:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _plant(pen: ImageDraw.ImageDraw) -> None:
    """A seedling, at the right."""
    x, ground = WIDTH - 190, HEIGHT
    pen.line([(x, ground), (x, 300)], STALK, width=14)
    for side, top, wide in ((-1, 230, 250), (1, 330, 250)):
        _leaf(pen, (x, top + 190), side * wide, 190)


def _leaf(
    pen: ImageDraw.ImageDraw, stem: tuple[int, int], wide: int, high: int
) -> None:
    """A leaf that grows out of a stalk.

    :param stem: where it begins
    :param wide: how far it reaches, to the left where it is negative
    """
    x, y = stem
    steps = [step / 24 for step in range(25)]
    # Two curves from the stem to the tip, of which one is bent upwards.
    above = [
        (x + wide * s, y - high * (s + 0.95 * s * (1 - s))) for s in steps
    ]
    below = [
        (x + wide * s, y - high * (s - 0.95 * s * (1 - s))) for s in steps
    ]
    pen.polygon([*above, *reversed(below)], LEAF)
    pen.line([(x, y), above[-1]], STALK, width=6)
