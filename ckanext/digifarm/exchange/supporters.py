"""Which supports a record adds, and which partners to the directory."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import clock, partial_dates
from ..lib.ckan import Context, model
from ..lib.names import latin
from ..partners import fields as partner_fields
from ..partners import schema as partner_schema
from ..partners.model import Partner, PartnerState
from ..support import schema as support_schema
from ..support.model import PUBLIC_STATES, Support
from .record import Record, Supporter, quoted

_S = PartnerState

#: Whom staff has put into the directory, or taken out of it. Who only asks to
#: be in it must not stand in the way.
#: What an import has put forward itself has no contact, and is known.
KNOWN_STATES = (_S.ACTIVE, _S.DELETED)


@dataclasses.dataclass(eq=False)
class KnownPartner:
    """A partner of the directory, or one that the import adds to it.

    :param title: its name for people
    :param kind: which kind of partner it is
    :param url: its address, or ""
    :param name: its name in addresses, which stays when the title changes
    :param state: whether it is in the directory now
    :param id: "" as long as it is only planned
    """

    title: str
    kind: str
    url: str
    name: str = ""
    state: str = PartnerState.ACTIVE.value
    id: str = ""

    @cached_property
    def keys(self) -> set[str]:
        """What a file may call it, see `_key`."""
        return {_key(self.title), _key(self.name or self.title)}

    @cached_property
    def site(self) -> tuple[str, str]:
        """Host and path of its address, see `_site`."""
        return _site(self.url)


def _known() -> list[KnownPartner]:
    return [
        KnownPartner(
            title=partner.title,
            kind=partner.kind,
            url=partner.url,
            name=partner.name,
            state=partner.state,
            id=partner.id,
        )
        for partner in Partner.every((*KNOWN_STATES, _S.PROPOSED))
        if partner.state != _S.PROPOSED.value or not partner.contact_email
    ]


class Directory:
    """The partners that a supporter may be.

    It is read once. What an import adds is kept in mind, so that a dry run
    knows it as well.

    :param known: those that it knows; else all that are stored
    """

    def __init__(self, known: list[KnownPartner] | None = None) -> None:
        self._partners = _known() if known is None else [*known]

    def copy(self) -> Directory:
        """The same, to which others can be added."""
        return Directory(self._partners)

    def matching(self, supporter: Supporter) -> list[KnownPartner]:
        """The partners that a supporter may be, the likeliest first.

        Whether one is among them depends on nothing but the two, so that the
        next import finds it again, whoever else came to the directory.

        :param supporter: no private person
        """
        keys = {_key(supporter.title), _key(latin(supporter.title))}
        keys |= {_key(supporter.name)} - {""}
        named = [p for p in self._partners if keys & p.keys]
        return list(dict.fromkeys([*named, *self._at(supporter.url)]))

    def _at(self, url: str) -> list[KnownPartner]:
        """The partners at an address, that of a page or of the host itself.

        Two pages of one host are no match: departments of a city share it.
        """
        host, page = _site(url)
        found = [
            partner
            for partner in self._partners
            if host
            and partner.site[0] == host
            and (partner.site[1] in {page, ""} or not page)
        ]
        return sorted(found, key=lambda partner: partner.site[1] != page)

    def _is_possible(self, name: str) -> bool:
        """Whether a new partner can have a short name."""
        taken = any(partner.name == name for partner in self._partners)
        _, wrong = tk.navl_validate(
            {"title": "x", "name": name}, partner_schema.partner()
        )
        return bool(name) and not taken and "name" not in wrong

    def add(self, supporter: Supporter) -> KnownPartner:
        """Take in a partner that is not written yet."""
        waits = may_be_person(supporter)
        is_possible = self._is_possible(supporter.name)
        partner = KnownPartner(
            title=supporter.title,
            kind=supporter.kind,
            url=supporter.url,
            name=supporter.name if is_possible else "",
            state=(_S.PROPOSED if waits else _S.ACTIVE).value,
        )
        self._partners.append(partner)
        return partner


@dataclasses.dataclass
class SupportPlan:
    """A support that is to be written.

    :param area: in which area
    :param partner: who supports; None for a private person
    :param texts: what exactly, since and until when
    :param waits: whether only the partner is put forward, for reviewers to
        look at; the next import adds the support
    """

    area: str
    partner: KnownPartner | None
    texts: dict[str, str] = dataclasses.field(default_factory=dict)
    waits: bool = False


def check(record: Record, directory: Directory) -> None:
    """Refuse supporters that are not possible.

    :param directory: where a name with commas may be known as one
    :raises ValidationError: with what the file calls them
    """
    problems: dict[str, Any] = {}
    for supporter in record.supporters:
        messages = _problems(supporter)
        if _may_be_several(supporter, directory):
            messages.append(
                tk._(
                    "{names}: Is that one name, or are there several? Please"
                    " write each in a line of its own; behind a name with"
                    " commas write “|” and what kind of partner it is"
                ).format(names=quoted(supporter.title))
            )
        if messages:
            problems.setdefault(supporter.key, []).extend(messages)
    if problems:
        raise tk.ValidationError(problems)


def plan(
    record: Record, project: model.Package | None, directory: Directory
) -> list[SupportPlan]:
    """The supports that a record adds; it ends none.

    One that was there before is not added again, also where it has ended.

    :param project: the record's, or None while there is none
    :param directory: gets the partners that are to be created
    """
    stored = _stored(project)
    return [
        *_of_partners(record, stored, directory),
        *_of_persons(record, stored),
    ]


def write(plan: SupportPlan, project: str, context: Context) -> None:
    """Write a support, and its partner where that is new.

    :param project: name of the project
    :param context: of the user who writes
    :raises ValidationError: where somebody else just recorded the same
    """
    partner = plan.partner
    if partner and not partner.id:
        created = tk.get_action("digifarm_partner_create")(
            tk.fresh_context(context),
            {**_params(partner), "proposed": plan.waits},
        )
        partner.id = created["id"]
    if plan.waits:
        return
    tk.get_action("digifarm_support_create")(
        tk.fresh_context(context),
        {
            "project": project,
            "area": plan.area,
            "partner": partner.id if partner else "",
            **plan.texts,
        },
    )


def _problems(supporter: Supporter) -> list[str]:
    """What the actions would refuse, in their words."""
    # What is over by now is no mistake.
    texts = {n: t for n, t in supporter.texts.items() if n != "until"}
    _, errors = tk.navl_validate(
        {"project": PROJECT_TYPE, "area": supporter.area, **texts},
        support_schema.support_create(),
    )
    if supporter.title:
        # A short name that can't be had is no mistake: it gets another one.
        _, wrong = tk.navl_validate(
            {**_params(supporter), "name": ""}, partner_schema.partner()
        )
        errors = {**errors, **wrong}
    shown = f"{quoted(supporter.title)} – " if supporter.title else ""
    return [
        f"{shown}{param}: {messages[0]}" for param, messages in errors.items()
    ]


def _may_be_several(supporter: Supporter, directory: Directory) -> bool:
    is_unclear = supporter.is_guessed and "," in supporter.title
    return is_unclear and not directory.matching(supporter)


def _params(partner: Supporter | KnownPartner) -> dict[str, str]:
    """The parameters of `digifarm_partner_create`."""
    return {
        "title": partner.title,
        "kind": partner.kind,
        "url": partner.url,
        "name": partner.name,
    }


def _stored(project: model.Package | None) -> list[Support]:
    if project is None:
        return []
    supports = Support.of(list(PUBLIC_STATES), project_id=project.id)
    return [support for support, _ in supports]


def _of_partners(
    record: Record, stored: list[Support], directory: Directory
) -> list[SupportPlan]:
    taken = {(support.area, support.partner_id) for support in stored}
    plans: dict[tuple[str, KnownPartner], SupportPlan] = {}
    for supporter in record.supporters:
        if not supporter.title or _is_over(supporter, record):
            continue
        area = supporter.area
        found = directory.matching(supporter)
        if any((area, partner.id) in taken for partner in found):
            continue
        if partner := _choose(supporter, found, record, directory):
            plans[area, partner] = SupportPlan(
                area,
                partner,
                supporter.texts,
                waits=partner.state == _S.PROPOSED.value,
            )
    return list(plans.values())


def _is_over(supporter: Supporter, record: Record) -> bool:
    """Whether a support has ended since the file was written."""
    last = partial_dates.last_day(supporter.texts.get("until", ""))
    if last is None or last >= clock.now().date():
        return False
    record.report(
        supporter.key,
        tk._("{partner} is not recorded: it has ended").format(
            partner=quoted(supporter.title)
        ),
    )
    return True


def _choose(
    supporter: Supporter,
    found: list[KnownPartner],
    record: Record,
    directory: Directory,
) -> KnownPartner | None:
    """The partner that is to support, or None where staff took it out.

    :param found: the partners that the supporter may be
    """
    for partner in found:
        if partner.state == _S.ACTIVE.value:
            return partner
    title = quoted(supporter.title)
    if found:
        record.report(supporter.key, _why_not(title, found[0]))
        return None
    partner = directory.add(supporter)
    if partner.state == _S.PROPOSED.value:
        message = tk._(
            "{partner} may be a person, so it waits for a reviewer; once it is"
            " in the directory, import this again"
        ).format(partner=title)
    else:
        message = tk._("{partner} is new in the directory, as {kind}").format(
            partner=title,
            kind=quoted(partner_fields.choice_label("kind", supporter.kind)),
        )
    record.report(supporter.key, message)
    return partner


def _why_not(title: str, partner: KnownPartner) -> str:
    """Why nobody can support by a partner that is known."""
    if partner.state == _S.PROPOSED.value:
        return tk._(
            "{partner} waits for a reviewer; once it is in the directory,"
            " import this again"
        ).format(partner=title)
    return tk._(
        "{partner} is not imported; this partner is deleted here"
    ).format(partner=title)


def may_be_person(supporter: Supporter) -> bool:
    """Whether nothing shows that a supporter is none.

    That is where neither the file nor its name says what kind it is, and it
    has no page.
    """
    is_unclear = supporter.is_guessed and supporter.kind == "other"
    return is_unclear and not supporter.url


def _of_persons(
    record: Record, stored: list[Support]
) -> Iterator[SupportPlan]:
    """One support for each private person who is not there yet.

    Nothing tells one from another, so they are counted; who has agreed to be
    named meanwhile is among them.
    """
    there = Counter(s.area for s in stored if s.partner_id is None)
    for supporter in record.supporters:
        if supporter.title:
            continue
        area = supporter.area
        if there[area]:
            there[area] -= 1
        else:
            message = tk._("a private person is recorded without a name")
            record.report(supporter.key, message)
            yield SupportPlan(area, None)


def _key(name: str) -> str:
    """A name without what people write in different ways.

    That is case, spaces, punctuation and accents: so the name of a partner in
    addresses has the key of the title it was made from, in Latin letters.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())


def _site(url: str) -> tuple[str, str]:
    """Host and path of an address, each "" where it has none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return host.removeprefix("www."), parts.path.rstrip("/")
