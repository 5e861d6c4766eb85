"""What a link to a page shows in a chat, a social network, a search engine.

Only pages that everybody may read have a preview; all others ask to be left
out. The address in it is that of the page itself: without what only the way
there has added, and never with a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import ckantoolkit as tk
from markupsafe import Markup

from .. import config
from ..config import PROJECT_TYPE
from ..lib import language, markdown, tokens
from ..lib.text import shortened
from ..projects import pictures, search
from . import canonical, drawing
from .canonical import PAGE, Names

#: Of a description, in characters; messengers show less.
MOST_CHARACTERS = 200

#: The language of who has none of the others.
DEFAULT = "x-default"

#: Parameters of the directory, of the numbers, and of what help is wanted.
PARTNERS = frozenset({"q", "supporting", "kind", "area", "action_field"})
NUMBERS = frozenset(
    {"since", "until", "step", "organization", "action_field", "origin"}
)
HELP = frozenset({"view", "area", "skill", "effort", "action_field"})
DATA_USE = frozenset({"q", "used"})

#: What core's page of a package says: that of a project has its own.
_CORES = re.compile(r'<meta property="og:(?:title|description)"[^>]*>\s*')


@dataclass(frozen=True)
class Picture:
    """The picture of a preview.

    :param address: an absolute one
    :param words: for who doesn't see it
    :param size: width and height in pixels, where they are known
    """

    address: str
    words: str
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Preview:
    """What is shown of a page elsewhere.

    :param title: of the page, without that of the portal
    :param description: a sentence or two
    :param kind: as the Open Graph protocol calls it
    :param address: of the page, in the language that it is read in
    :param languages: its addresses by language, as HTML names them, where it
        can be read in several
    :param locale: its language, as the Open Graph protocol names it
    :param other_locales: those of its other addresses
    """

    title: str
    description: str
    kind: str
    address: str
    languages: dict[str, str]
    locale: str
    other_locales: list[str]
    picture: Picture


#: What words of a page are made of: the arguments of its address.
Words = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Shared:
    """A page that says the same to everybody.

    :param keeps: the parameters without which it is another page
    :param several: those of them that count as often as they are there
    :param usual: what the page shows where nothing is asked for, by parameter
    """

    title: Words
    description: Words
    keeps: Callable[[], Names] = frozenset
    several: Callable[[], Names] = frozenset
    usual: Mapping[str, str] = field(default_factory=dict)


PAGES = {
    f"{PROJECT_TYPE}.search": Shared(
        lambda _: tk._("Civic projects"),
        lambda _: tk._(
            "Open-source civic projects: software that residents build for the"
            " city, much of it with the data of this portal. Many of them look"
            " for support."
        ),
        lambda: {"q", PAGE, *search.filters()},
        search.filters,
    ),
    "digifarm_projects.about": Shared(
        lambda _: _of_projects(tk._("How it works")),
        lambda _: tk._(
            "What a civic project is, how yours gets here, and how you can"
            " help those that are here."
        ),
    ),
    "digifarm_help.index": Shared(
        lambda _: tk._("Help wanted"),
        lambda _: tk._(
            "What civic projects look for right now, and small tasks for an"
            " hour or a weekend."
        ),
        lambda: HELP | {PAGE},
        usual={"view": "help"},
    ),
    "digifarm_partners.search": Shared(
        lambda _: _of_projects(tk._("Partners")),
        lambda _: tk._(
            "They give civic projects content, technology, money or time – or"
            " would like to."
        ),
        lambda: PARTNERS | {PAGE},
    ),
    "digifarm_registrations.new": Shared(
        lambda _: tk._("Become a partner"),
        lambda _: tk._(
            "Tell us who you are and what you could give to civic projects."
            " The city’s team looks at it; then you are in the directory, and"
            " projects can find you."
        ),
    ),
    "digifarm_proposals.new": Shared(
        lambda _: tk._("Propose a project"),
        lambda _: tk._(
            "Tell us about software that people build for this city. A few"
            " lines are enough; the city’s team reads every proposal, decides,"
            " and tells you why."
        ),
    ),
    "digifarm_statistics.read": Shared(
        lambda _: tk._("Civic projects in numbers"),
        lambda _: tk._(
            "What came of the civic projects of this portal: how many there"
            " are, what they look for, and who helps them."
        ),
        lambda: NUMBERS,
    ),
    "digifarm_statistics.report": Shared(
        lambda args: tk._("Civic projects in {year}").format(**args),
        lambda args: tk._(
            "What came of the civic projects of this portal in {year}: the"
            " report of the year, on a page to print."
        ).format(**args),
    ),
    "digifarm_checks.about": Shared(
        lambda _: tk._("How we look at addresses"),
        lambda _: tk._(
            "This portal shows civic projects. So that nobody follows a link"
            " into nowhere, it looks about once a week whether their addresses"
            " still answer."
        ),
    ),
}


def of_page() -> Preview | None:
    """The preview of the page that is asked for, if it has one."""
    page = PAGES.get(tk.request.endpoint or "")
    if page is None:
        return None
    args = tk.request.view_args or {}
    return of(
        page.title(args),
        page.description(args),
        keeps=page.keeps(),
        several=page.several(),
        usual=page.usual,
        args=args,
    )


def of_project(project: dict[str, Any]) -> Preview | None:
    """The preview of a project's own page."""
    if not is_public(project):
        return None
    title = _title(project)
    return of(
        title,
        project.get("summary")
        or project.get("public_value")
        or markdown.extract(project.get("notes"), 0)
        or one_of(),
        kind="article",
        args={"id": project["name"]},
        picture=picture_of(project),
    )


def of_form(project: dict[str, Any], title: str) -> Preview | None:
    """The preview of a form by which everybody can help a project.

    :param title: of the form
    """
    if not is_public(project):
        return None
    return of(
        title,
        project.get("summary") or one_of(),
        args={"id": project["name"]},
        picture=picture_of(project),
    )


def of_task(task: dict[str, Any]) -> Preview | None:
    """The preview of a task that can be taken."""
    project = task["project"]
    if not is_public(project):
        return None
    return of(
        task["title"],
        markdown.extract(task.get("description"), 0)
        or tk._("A task of the civic project “{title}”").format(
            title=_title(project)
        ),
        kind="article",
        args={"id": task["id"]},
    )


def of_partner(partner: dict[str, Any]) -> Preview | None:
    """The preview of a partner in the directory."""
    if partner["state"] != "active":
        return None
    return of(
        partner["title"],
        markdown.extract(partner.get("description"), 0)
        or tk._("A partner of civic projects"),
        kind="profile",
        args={"id": partner["name"]},
    )


def of_data_use(organization: dict[str, Any]) -> Preview | None:
    """The preview of what becomes of an organisation's datasets."""
    title = organization.get("display_name") or organization["name"]
    return of(
        f"{tk._('What becomes of our data')} – {title}",
        tk._(
            "Which datasets of “{organization}” civic projects use, and what"
            " for."
        ).format(organization=title),
        keeps=DATA_USE | {PAGE},
        args={"id": organization["name"]},
    )


def is_public(project: dict[str, Any]) -> bool:
    """Whether everybody may read a project, and it is not deleted."""
    return project.get("state") == "active" and not project.get("private")


def picture_of(project: dict[str, Any]) -> Picture | None:
    """The picture that a project itself has."""
    address = pictures.address(project.get("image_url"))
    words = project.get("image_alt") or _title(project)
    return Picture(address, words) if address else None


def of(
    title: str,
    description: str,
    *,
    args: Mapping[str, Any],
    kind: str = "website",
    keeps: Names = frozenset(),
    several: Names = frozenset(),
    usual: Mapping[str, str] = MappingProxyType({}),
    picture: Picture | None = None,
) -> Preview | None:
    """The preview of the page that is asked for.

    :param args: of its address
    :param kind: as the Open Graph protocol calls it
    :param keeps: the parameters without which it is another page
    :param several: those of them of which it reads more than the first
    :param usual: what of them says nothing, as it is so anyway
    :param picture: without one, its title is drawn
    :returns: None where it answers to what was sent, or to a key
    """
    request = tk.request
    if request.method not in {"GET", "HEAD"}:
        return None
    if tokens.PATTERN.search(request.full_path):
        return None
    kept = canonical.kept(keeps, several, usual)
    addresses = canonical.addresses({**args, **kept})
    own = addresses[config.default_language()]
    # What is read in another language has the words of one of these.
    here = language.closest(language.current(), addresses)
    languages = {language.tag(one): addresses[one] for one in addresses}
    locale = language.with_country(language.of_words())
    locales = {language.with_country(one) for one in addresses}
    return Preview(
        title=title,
        description=shortened(" ".join(description.split()), MOST_CHARACTERS),
        kind=kind,
        address=addresses[here],
        languages={**languages, DEFAULT: own} if len(languages) > 1 else {},
        locale=locale,
        other_locales=sorted(locales - {locale}),
        picture=picture or drawn(title),
    )


def drawn(title: str) -> Picture:
    """The picture of a page that has none."""
    line = drawing.title_of(title)
    here = language.current()
    address = tk.h.url_for(
        "digifarm_previews.picture",
        mark=drawing.mark(line),
        title=line,
        locale="default" if here == config.default_language() else here,
        qualified=True,
    )
    return Picture(address, title, drawing.SIZE)


def without_cores(head: str) -> Markup:
    """The head of a page without what core says of a dataset's preview.

    :param head: as core's template gives it
    """
    return Markup(_CORES.sub("", head))  # noqa: S704 – a part of a page


def _title(project: dict[str, Any]) -> str:
    return project.get("title") or project["name"]


def one_of() -> str:
    """What to say of a project that says nothing."""
    return tk._("A civic project: open-source software for the city")


def _of_projects(words: str) -> str:
    return f"{words} – {tk._('Civic projects')}"
