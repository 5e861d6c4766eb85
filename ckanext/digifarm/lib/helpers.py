from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckantoolkit as tk
import segno
from markupsafe import Markup

from .. import config
from . import (
    core_words,
    dates,
    downloads,
    language,
    markdown,
    own_pages,
    paging,
    tokens,
)
from .ckan import Page
from .counting import ENOUGH
from .forms import FORM

#: Which field of a form shows what is wrong with another one: tags are
#: written in a line, and a picture is uploaded beside its address.
SHOWN_BY = {"tags": "tag_string", "image_upload": "image_url"}


def digifarm_contact_email() -> str | None:
    """Address of the city's team for civic projects."""
    return config.contact_email()


def digifarm_with_account(words: str, address: str = "") -> str:
    """The words of a link that leads to a page for who is logged in.

    Whoever has come by a link of a mail, without a login, reads so.

    :param address: where it leads, if that may be a link that needs none
        (optional)
    """
    if tk.current_user.is_authenticated or tokens.PATTERN.search(address):
        return words
    return tk._("{words} (with your account)").format(words=words)


def digifarm_contact_phone() -> dict[str, str] | None:
    """How to call the city's team for civic projects.

    :returns: the `number` as people read it, and the `address` that dials it
    """
    number = config.contact_phone()
    if not number:
        return None
    digits = "".join(c for c in number if c in "+0123456789")
    return {"number": number, "address": f"tel:{digits}"}


def digifarm_is_own_page() -> bool:
    """Whether this page is one of ours, or one of core's on our projects."""
    return own_pages.is_ours()


def digifarm_pages_of_projects() -> list[str]:
    """What the entry for projects in the navigation stands for here."""
    return own_pages.of_projects()


def digifarm_to_field(endpoint: str, id: str, field: str) -> str:
    """The address of a field in a form.

    :param endpoint: of the form
    :param id: what the form is of, by id or name
    :param field: name of the field
    """
    return own_pages.to_field(endpoint, id, field)


def digifarm_login_address() -> str:
    """Where one logs in, to come back to this page; "" where that is no use.

    A link that is a key needs no account.
    """
    if "token" in (tk.request.view_args or {}):
        return ""
    return tk.h.url_for("user.login", came_from=own_pages.way_back())


def digifarm_moment(when: str) -> str:
    """A day and a time, in the language that is spoken.

    :param when: in UTC, without a zone, as actions have it
    """
    return dates.moment(when)


def digifarm_told(when: str) -> Markup:
    """When something was told: a day, or today the time.

    :param when: in UTC, without a zone
    """
    return dates.told(when)


def digifarm_counted(num: int) -> int | str:
    """A number of things of which `lib.counting.ENOUGH` are counted."""
    return num if num < ENOUGH else tk._("{num} or more").format(num=ENOUGH)


def digifarm_markdown(text: str | None, under: int = 2) -> Markup:
    """A text that people write in Markdown, as HTML.

    :param under: the level of the heading that it stands under
    """
    return markdown.render(text, under)


def digifarm_qr_code(address: str) -> Markup:
    """An address for those who have it on paper, as SVG.

    :param address: a whole one, with that of the portal
    """
    # To try all masks, of which any can be read, takes five times as long.
    code = segno.make_qr(address, mask=4)
    picture = Markup(  # noqa: S704 – of squares, whatever the address
        code.svg_inline(border=2, omitsize=True, svgclass="digifarm-qr-code")
    )
    # For those who don't see it.
    words = tk._("QR code of {address}").format(address=address)
    named = Markup('<svg role="img" aria-label="{}" ').format(words)
    return named + picture.removeprefix("<svg ")


@tk.chained_helper
def markdown_extract(
    next_helper: Any, text: str | None, extract_length: int = 190
) -> str:
    """As CKAN's, whose lists show texts of strangers too; in linear time."""
    return markdown.extract(text, extract_length)


def digifarm_is_our_page() -> bool:
    """Whether a page is one of ours, or one of core's on our projects."""
    return own_pages.is_ours()


def digifarm_downloads(
    table: str, json: str, **asked: Any
) -> list[dict[str, str]]:
    """The files in which something can be taken along.

    :param table: the endpoint of the table
    :param json: that of the same as JSON
    :param asked: what their addresses say besides
    :returns: `label` and `url` of each
    """
    return downloads.formats(table, json, **asked)


def digifarm_pager(page: Page) -> Markup:
    """Links to the other pages of a list of core's."""
    return paging.links(page)


def digifarm_lang(entry: dict[str, Any] | None = None) -> Markup:
    """The attribute `lang` of what people wrote, where the page has another.

    :param entry: what they wrote of; its `language` is known, or it is the
        portal's own
    """
    written = (entry or {}).get("language") or config.default_language()
    if written == language.current():
        return Markup()
    return Markup(' lang="{}"').format(language.tag(written))


def digifarm_error_mark(errors: Any) -> str:
    """What the title of a page begins with, where its form has mistakes.

    :param errors: what is wrong, or nothing
    """
    return f"{tk._('Error:')} " if errors else ""


def digifarm_error_list(
    errors: dict[str, list[str]], labels: dict[str, str]
) -> list[dict[str, Any]]:
    """What is wrong with a form, in the order of its page.

    :param errors: messages by field
    :param labels: labels of the fields that the page has, in its order
    :returns: `label` and `messages`, and the `target` of a link that leads to
        the field, or ""
    """
    # What is wrong with the form itself comes first, what isn't on it last.
    order = {name: place for place, name in enumerate([FORM, *labels])}
    return [
        {
            "label": labels.get(name, ""),
            "target": f"field-{name}" if name in labels else "",
            "messages": errors[name],
        }
        for name in sorted(errors, key=lambda n: order.get(n, len(order)))
    ]


def digifarm_errors(errors: dict[str, Any]) -> dict[str, list[str]]:
    """The messages of a ValidationError, by the field that shows them.

    What core says becomes words for people.

    :param errors: as the action raised them; nested ones become plain text
    """
    result: dict[str, list[str]] = {}
    for name, messages in errors.items():
        words = (core_words.plain(message) for message in _messages(messages))
        flat = list(dict.fromkeys(words))
        result.setdefault(SHOWN_BY.get(name, name), []).extend(flat)
    return result


def _messages(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, str):
        yield value
        return
    for item in value:
        yield from _messages(item)
