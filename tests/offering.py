"""People, projects and partners between whom support is offered."""

from __future__ import annotations

import re
from typing import Any

import ckantoolkit as tk

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support, SupportState

from .acting import as_portal, as_user, organization_of

#: Of the organisation that `ckanext.digifarm.review_organization` names.
REVIEWERS = "review-office"

#: What nobody may read but the two sides of a support.
SECRETS = {
    "contact_name": "Geheime Person",
    "contact_email": "geheim@example.org",
    "message": "Geheime Nachricht",
}

OFFER: dict[str, Any] = {
    "area": "technology",
    "scope": "Der Server für ein Jahr",
    "consent": True,
    **SECRETS,
}

ROLES = (
    "offerer",
    "other",
    "owner",
    "partner_editor",
    "project_editor",
    "project_member",
    "reviewer",
)


def empty_tables() -> None:
    """Forget all supports with what belongs to them."""
    model.Session.rollback()
    for table in (Support, Partner, Event, Mail):
        model.Session.query(table).delete()
    model.Session.commit()


def create_people() -> dict[str, str]:
    """Names of users by what they are; they are called so in their address."""
    people = {
        role: factories.User(email=f"{role}@example.org")["name"]
        for role in ROLES
    }
    factories.Organization(
        name=REVIEWERS,
        users=[{"name": people["reviewer"], "capacity": "editor"}],
    )
    sysadmin = factories.Sysadmin(email="sysadmin@example.org")["name"]
    return {**people, "sysadmin": sysadmin, "anonymous": ""}


def create_project(people: dict[str, str], **fields: Any) -> dict[str, Any]:
    """A project with an editor, a member and an owner."""
    project = factories.Dataset(
        type="civic_project",
        owner_org=organization_of(
            editor=[people["project_editor"]],
            member=[people["project_member"]],
        ),
        **{"title": "Durstige Bäume", **fields},
    )
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    return project


def create_partner(people: dict[str, str], **fields: Any) -> dict[str, Any]:
    """A partner of the directory with an editor."""
    return call_action(
        "digifarm_partner_create", **{**_partner_of(people), **fields}
    )


def store_partner(people: dict[str, str]) -> dict[str, Any]:
    """The same, as the action leaves it, for tests of what comes later."""
    partner = Partner(
        name="offene-werkstatt", state="active", **_partner_of(people)
    )
    _store(partner, "digifarm_partner_create", Subject.PARTNER)
    return partner.dictize(with_contact=True)


def _partner_of(people: dict[str, str]) -> dict[str, Any]:
    return {
        "title": "Offene Werkstatt",
        "kind": "association",
        "contact_name": "Das Team",
        "contact_email": "werkstatt@example.org",
        "organization_id": organization_of(editor=[people["partner_editor"]]),
    }


def offer(user: str = "", **data: Any) -> Support:
    """Support that somebody has offered.

    :param user: name of their account, or "" for none
    """
    result = as_user(user, "digifarm_support_offer", **{**OFFER, **data})
    return get(result["id"])


def store_offer(
    user: str = "", state: SupportState = SupportState.OFFERED, **data: Any
) -> Support:
    """What `offer` leaves in a state, without its mails.

    For tests of what comes later.

    :param user: name of their account, or "" for none
    :param data: columns; `project` and `partner` are ids
    """
    account = model.User.get(user) if user else None
    support = Support(
        project_id=data.pop("project"),
        partner_id=data.pop("partner", None),
        language="en",
        user_id=account.id if account else None,
        consented=clock.now(),
        state=state.value,
        **{
            **{name: OFFER[name] for name in OFFER if name != "consent"},
            **({"contact_email": account.email} if account else {}),
            **data,
        },
    )
    return _store(support, "digifarm_support_offer", Subject.SUPPORT)


def store_request(
    state: SupportState = SupportState.REQUESTED, **data: Any
) -> Support:
    """What a project's request leaves in a state; see `store_offer`."""
    support = Support(
        project_id=data.pop("project"),
        partner_id=data.pop("partner"),
        state=state.value,
        **{"area": "technology", "message": "Bitte helft uns", **data},
    )
    return _store(support, "digifarm_support_request", Subject.SUPPORT)


def _store(row: Any, action: str, subject: Subject) -> Any:
    model.Session.add(row)
    model.Session.flush()
    project = model.Package.get(getattr(row, "project_id", None))
    Event.record(subject, row.id, action, None, row.state, project=project)
    model.Session.commit()
    return row


def get(id_: str) -> Support:
    """A support as it is stored."""
    model.Session.rollback()
    model.Session.expire_all()
    support = model.Session.get(Support, id_)
    assert support
    return support


def token_of(support: Support, purpose: Purpose = Purpose.SUPPORT) -> str:
    """The token of the last mail."""
    return tokens.make(purpose, support.id, support.token_key)


def confirm(support: Support) -> Support:
    """The support after the link of the first mail was followed."""
    token = token_of(support, Purpose.SUPPORT_CONFIRM)
    as_user("", "digifarm_support_confirm", token=token)
    return get(support.id)


def put_into(support: Support, state: str) -> Support:
    """The support as if its life had come to a state."""
    support.state = state
    model.Session.commit()
    return get(support.id)


def outbox() -> list[Mail]:
    """The mails that wait, the oldest first."""
    model.Session.rollback()
    return model.Session.query(Mail).order_by(Mail.created).all()


def links_of(mail: Mail) -> list[str]:
    """Paths of the links in a mail that lead to pages of this portal."""
    site = re.escape(tk.config["ckan.site_url"])
    return re.findall(rf"{site}(/\S+)", mail.body)


def empty_outbox() -> None:
    """Forget the mails so far."""
    model.Session.query(Mail).delete()
    model.Session.commit()
