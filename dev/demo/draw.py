"""Draw the pictures of the demo portal: drawings/*.svg become pictures/*.png.

The drawings are SVG with Jinja loops. `scene.svg` and `emblem.svg` are the
frames that they extend, `shapes.svg` has the trees, pins and people that
several of them share. Chromium renders them. The pictures are part of the
repository, so that nobody needs this script to load the demo content.

    .venv/bin/python dev/demo/draw.py            all of them
    .venv/bin/python dev/demo/draw.py baumblick  one of them
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image
from playwright.sync_api import Page, sync_playwright

DRAWINGS = Path(__file__).parent / "drawings"
PICTURES = Path(__file__).parent / "pictures"
SHARED = {"scene", "emblem", "shapes"}
# Flat drawings look the same with few colours, and their files are small.
COLOURS = 256


def main(names: list[str]) -> None:
    """Draw pictures and print their sizes.

    :param names: of drawings; none means all
    """
    templates = Environment(
        loader=FileSystemLoader(DRAWINGS),
        undefined=StrictUndefined,
        autoescape=True,
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"),
            args=["--no-sandbox"],
        )
        page = chromium.new_page()
        for name in names or drawings():
            svg = templates.get_template(f"{name}.svg").render()
            picture = PICTURES / f"{name}.png"
            render(page, svg).save(picture, optimize=True)
            print(f"{picture.name}  {picture.stat().st_size // 1024} KB")
        chromium.close()


def drawings() -> list[str]:
    """Return the names of all drawings that are pictures of their own."""
    return sorted({path.stem for path in DRAWINGS.glob("*.svg")} - SHARED)


def render(page: Page, svg: str) -> Image.Image:
    """Return what Chromium makes of an SVG, in the SVG's own size.

    :param page: any page of the browser
    :param svg: the drawing
    :returns: a picture of few colours
    """
    page.set_content(f"<style>body {{ margin: 0 }}</style>{svg}")
    drawing = page.locator("svg").screenshot(omit_background=True)
    picture = Image.open(io.BytesIO(drawing))
    return picture.quantize(COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main(sys.argv[1:])
