"""Texts in Markdown that strangers write, as HTML that is safe to show.

CKAN's own renderer needs minutes for some texts of a few thousand characters.
This one, GitHub's cmark-gfm, takes time in proportion to their length.
"""

from __future__ import annotations

import html
import re
from textwrap import shorten

import cmarkgfm
import nh3
from cmarkgfm.cmark import Options
from markupsafe import Markup

EXTENSIONS = ["autolink", "strikethrough", "table"]

#: Parts of pages, not of texts.
NOT_OURS = {
    *("area", "article", "aside", "bdo", "center", "div", "footer", "header"),
    *("hgroup", "map", "nav"),
}

#: What a text may be made of, with these attributes.
TAGS = nh3.ALLOWED_TAGS - NOT_OURS
ATTRIBUTES = {"a": {"href"}, "img": {"alt", "src"}, "ol": {"start"}}
ALIGNED = {"align": {"center", "left", "right"}}
SCHEMES = {"http", "https", "mailto"}

#: Blocks that are read in the direction of their first letters.
BLOCKS = (
    *("blockquote", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li"),
    *("p", "summary", "td", "th"),
)

#: Parts within parts, at most; browsers and sanitizers take long for more.
MAX_DEPTH = 30

NESTING = re.compile(r"<(/?)(?:blockquote|ol|ul)\b")

#: Links, pictures and headings, as nh3 writes them.
TAG = re.compile(r'<(/?)(a|img|h[1-6])((?: [a-z-]+="[^"]*")*)>')


def render(text: str | None, under: int) -> Markup:
    """A text as HTML.

    Nothing in it is loaded from elsewhere: a picture becomes a link.

    :param text: in GitHub's Markdown, with some HTML
    :param under: the level of the heading that it stands under, from 1: its
        own ones are below
    """
    if not text or not text.strip():
        return Markup()
    return Markup(_own(_clean(_to_html(text)), under))  # noqa: S704


def extract(text: str | None, length: int) -> str:
    """The beginning of a text, without what makes it HTML.

    :param text: as `render` takes it
    :param length: of the result at most, in characters; 0 for all of it
    """
    plain = html.unescape(nh3.clean(_to_html(text or ""), tags=set()))
    if not length or len(plain) < length:
        return plain
    return shorten(plain, length, placeholder="...")


def _to_html(text: str) -> str:
    result = cmarkgfm.markdown_to_html_with_extensions(
        # What of HTML may stay is decided later.
        text,
        Options.CMARK_OPT_UNSAFE,
        EXTENSIONS,
    )
    return _as_written(text) if _is_deep(result) else result


def _is_deep(result: str) -> bool:
    depth = 0
    for match in NESTING.finditer(result):
        depth += -1 if match[1] else 1
        if depth > MAX_DEPTH:
            return True
    return False


def _as_written(text: str) -> str:
    lines = html.escape(text).splitlines()
    return f"<p>{'<br>'.join(lines)}</p>"


def _clean(result: str) -> str:
    return nh3.clean(
        result,
        tags=TAGS,
        attributes=ATTRIBUTES,
        tag_attribute_values={"td": ALIGNED, "th": ALIGNED},
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in BLOCKS},
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer ugc",
    )


def _own(result: str, under: int) -> str:
    """Clean HTML with links for pictures, and headings below the page's."""
    in_link = False

    def replace(match: re.Match[str]) -> str:
        nonlocal in_link
        end, name, attributes = match.groups()
        if name == "img":
            return _picture(attributes, in_link=in_link)
        if name == "a":
            in_link = not end
            return match[0]
        level = min(int(name[1]) + under, 6)
        return f"<{end}h{level}{attributes}>"

    return TAG.sub(replace, result)


def _picture(attributes: str, *, in_link: bool) -> str:
    """What stands for a picture: a link, or within one its description.

    :param attributes: as nh3 has written them, so that they are safe
    """
    said = dict(re.findall(r' ([a-z-]+)="([^"]*)"', attributes))
    address = said.get("src", "")
    words = said.get("alt") or address
    # Quotation marks are all that nh3 has to escape in an attribute.
    words = words.replace("<", "&lt;").replace(">", "&gt;")
    if in_link or not address:
        return words
    rel = "nofollow noopener noreferrer ugc"
    return f'<a href="{address}" rel="{rel}">{words}</a>'
