"""Texts in Markdown that strangers write, as HTML that is safe to show.

CKAN's own renderer needs minutes for some texts of a few thousand characters.
This one, GitHub's cmark-gfm, takes time in proportion to their length.
"""

from __future__ import annotations

import html
import re
from collections import Counter
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

#: Elements within elements, at most, those that nobody ends included: HTML
#: repeats what is open in each paragraph that follows.
MAX_DEPTH = 20

#: Cells of a table, at most: what its rows leave out is filled up.
MAX_CELLS = 10_000

#: What begins or ends an element, but for those that hold nothing.
NESTING = re.compile(
    r"<(/?)(?!(?:br|col|hr|img|wbr)\b)([a-z][a-z0-9]*)", re.IGNORECASE
)

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
    if _has_many_cells(text):
        return _as_written(text)
    result = cmarkgfm.markdown_to_html_with_extensions(
        # What of HTML may stay is decided later.
        text,
        Options.CMARK_OPT_UNSAFE,
        EXTENSIONS,
    )
    return _as_written(text) if _is_deep(result) else result


def _has_many_cells(text: str) -> bool:
    """Whether a table would have too many, those that rows leave out too."""
    lines = text.splitlines()
    columns = max((line.count("|") for line in lines), default=0)
    return columns * len(lines) > MAX_CELLS


def _is_deep(result: str) -> bool:
    is_open: Counter[str] = Counter()
    for match in NESTING.finditer(result):
        end, name = match[1], match[2].lower()
        if not end:
            is_open[name] += 1
        elif is_open[name]:
            # What ends and never began ends nothing.
            is_open[name] -= 1
        if is_open.total() > MAX_DEPTH:
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
