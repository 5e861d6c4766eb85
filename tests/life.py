"""All that somebody can leave on a portal, who then asks to be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import tokens
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import TaskAssignment

from . import offering, proposing
from .acting import as_portal, as_user
from .conftest import ProjectFactory

#: As they write it; all of it looks another way in URLs, or in JSON.
EMAIL = "Kim+Wald_Privat@Example.org"
NAME = "Kim Müller-Öztürk"
ACCOUNT = "kim-im-wald"

OTHER = "alex@example.org"


@dataclass
class Life:
    """What has come of it, by what it is called here."""

    people: dict[str, str]
    project: dict[str, Any]
    #: Ids.
    ids: dict[str, str] = field(default_factory=dict)
    #: Tokens of links that were sent.
    tokens: dict[str, str] = field(default_factory=dict)


def live() -> Life:
    """Live it; takes a while."""
    life = Life(proposing.create_people(), ProjectFactory(title="Ein Baum"))
    _have_an_account(life)
    _propose(life)
    _offer(life)
    _register(life)
    _take_tasks(life)
    _ask(life)
    _be_invited(life)
    _act_by_account(life)
    _be_spoken_of(life)
    _be_left(life)
    return life


def _have_an_account(life: Life) -> None:
    """And another one before."""
    earlier = factories.User(name="kim-frueher", email=EMAIL, fullname=NAME)
    as_portal("user_delete", id=earlier["id"])
    user = factories.User(name=ACCOUNT, email=EMAIL, fullname=NAME)
    life.people["kim"] = ACCOUNT
    life.ids["account"] = user["id"]
    organization = model.Group.get(proposing.REVIEWERS)
    as_portal(
        "organization_member_create",
        id=organization.id,
        username=ACCOUNT,
        role="editor",
    )


def _proposed(title: str, user: str = "", **fields: Any) -> Proposal:
    return proposing.propose(
        user,
        proposer_name=NAME,
        proposer_email=EMAIL,
        project={
            "title": title,
            "notes": f"Fragen an <{EMAIL}>",
            "contact_name": NAME,
            "contact_email": EMAIL,
            **fields,
        },
    )


def _propose(life: Life) -> None:
    life.ids["unconfirmed"] = _proposed("Unbestätigt").id
    for state in ("pending", "changes_requested", "declined", "withdrawn"):
        proposal = proposing.confirm(_proposed(f"Vorschlag {state}"))
        proposing.put_into(proposal, state, f"{NAME} hat angerufen")
        life.ids[state] = proposal.id
    address = quote(EMAIL)
    approved = proposing.confirm(
        _proposed(
            "Anerkannt",
            initiators=f"{NAME} und viele",
            public_value=f"[Mail](mailto:{address}) an {EMAIL.upper()}",
            further_information=f"https://example.org/?mail={address}",
            meeting=f"Bei {EMAIL}",
            features=f"Mail an {EMAIL}\nKarte",
        )
    )
    proposing.put_into(approved, "approved", f"Gut, {NAME}")
    life.ids["approved"] = approved.id
    life.tokens["claim"] = proposing.token_of(
        proposing.get(approved.id), Purpose.CLAIM
    )
    project = proposing.project_of(approved)
    as_portal("package_patch", id=project.id, operator=f"{NAME}, daheim")
    by_account = _proposed("Mit Konto", ACCOUNT)
    proposing.put_into(by_account, "approved")
    life.ids["by_account"] = by_account.id
    claimed = proposing.confirm(_proposed("Von Alex übernommen"))
    proposing.put_into(claimed, "approved")
    life.ids["claimed"] = claimed.id
    token = proposing.token_of(proposing.get(claimed.id), Purpose.CLAIM)
    as_user(life.people["other"], "digifarm_project_claim", token=token)


def _offered(life: Life, **data: Any) -> Support:
    return offering.confirm(_unconfirmed(life, **data))


def _unconfirmed(life: Life, **data: Any) -> Support:
    return offering.offer(
        **{
            "project": life.project["id"],
            "contact_name": NAME,
            "contact_email": EMAIL,
            "message": f"Ich, {NAME}, bin unter {EMAIL} erreichbar",
            "scope": f"{NAME} ({EMAIL}) gibt den Server",
            **data,
        }
    )


def _offer(life: Life) -> None:
    steps: dict[str, Callable[..., Any]] = {
        "accepted": lambda id_: call_action("digifarm_support_accept", id=id_),
        "declined": lambda id_: call_action(
            "digifarm_support_decline", id=id_, reason=f"Tut uns leid, {NAME}"
        ),
        "offered": lambda _: None,
    }
    _unconfirmed(life)
    for state, step in steps.items():
        for who in ("person", "new_partner"):
            named = who == "person"
            new = {
                "partner_title": f"Verein {state}",
                "partner_kind": "other",
                "partner_url": f"https://example.org/?an={quote(EMAIL)}",
            }
            support = _offered(
                life,
                area="technology" if named else "content",
                **({"named": True} if named else new),
            )
            step(support.id)
            life.ids[f"{who}_{state}"] = support.id
    accepted = offering.get(life.ids["person_accepted"])
    life.tokens["support"] = offering.token_of(accepted)
    by_account = offering.offer(
        ACCOUNT,
        project=life.project["id"],
        area="care",
        contact_name=NAME,
        message="",
        scope="",
    )
    as_user(ACCOUNT, "digifarm_support_withdraw", id=by_account.id)


def _registered(title: str, **data: Any) -> str:
    return as_user(
        "",
        "digifarm_partner_register",
        **{
            "title": title,
            "kind": "other",
            "contact_name": NAME,
            "contact_email": EMAIL,
            "consent": True,
            **data,
        },
    )["id"]


def _confirmed(life: Life, name: str, title: str, **data: Any) -> str:
    from ckanext.digifarm.partners.model import Partner  # noqa: PLC0415

    id_ = life.ids[name] = _registered(title, **data)
    partner = model.Session.get(Partner, id_)
    token = tokens.make(Purpose.PARTNER_CONFIRM, id_, partner.token_key)
    as_user("", "digifarm_partner_confirm", token=token)
    return id_


def _register(life: Life) -> None:
    _registered("Nie bestätigt")
    _confirmed(life, "queue", f"Büro {NAME}", description=f"An {EMAIL}")
    declined = _confirmed(life, "partner_declined", f"Atelier {NAME}")
    call_action("digifarm_partner_decline", id=declined, reason=NAME)
    listed = _confirmed(
        life,
        "listed",
        f"Werkstatt {NAME}",
        description=f"Schreiben Sie an {EMAIL}",
    )
    call_action("digifarm_partner_accept", id=listed)
    for area, step in (("sponsoring", "accept"), ("care", "decline")):
        support = as_user(
            life.people["sysadmin"],
            "digifarm_support_request",
            project=life.project["id"],
            area=area,
            partner=listed,
            message=f"Bitte helfen Sie, {EMAIL}",
        )
        row = offering.get(support["id"])
        token = offering.token_of(row)
        as_user("", f"digifarm_support_{step}", token=token)
    asked = as_user(
        life.people["sysadmin"],
        "digifarm_support_request",
        project=life.project["id"],
        area="technology",
        partner=listed,
    )
    life.ids["asked"] = asked["id"]
    life.tokens["asked"] = offering.token_of(offering.get(asked["id"]))


def _task(project: str, title: str, **data: Any) -> str:
    return call_action(
        "digifarm_task_create", project=project, title=title, **data
    )["id"]


def _taken(task: str, *, confirmed: bool = True) -> TaskAssignment:
    as_user(
        "",
        "digifarm_task_take",
        id=task,
        name=NAME,
        email=EMAIL,
        consent=True,
    )
    model.Session.rollback()
    found = model.Session.query(TaskAssignment).filter_by(task_id=task).one()
    if confirmed:
        token = tokens.make(Purpose.TASK_CONFIRM, found.id, found.token_key)
        as_user("", "digifarm_task_confirm", token=token)
        model.Session.refresh(found)
    return found


def _take_tasks(life: Life) -> None:
    project = life.project["id"]
    _taken(_task(project, "Unbestätigt"), confirmed=False)
    held = life.ids["held"] = _task(project, "Gießen")
    assignment = _taken(held)
    life.tokens["task"] = tokens.make(
        Purpose.TASK, assignment.id, assignment.token_key
    )
    for name in ("return", "done"):
        task = life.ids[f"task_{name}"] = _task(project, f"Einmal {name}")
        _taken(task)
        call_action(f"digifarm_task_{name}", id=task, reason=f"Ach, {NAME}")
    for name in ("reported", "confirmed"):
        task = life.ids[f"task_{name}"] = _task(project, f"Einmal {name}")
        taken = _taken(task)
        token = tokens.make(Purpose.TASK, taken.id, taken.token_key)
        words = f"{NAME} hat es gemacht, {EMAIL}"
        as_user("", "digifarm_task_report", token=token, reason=words)
    call_action("digifarm_task_done", id=task)


def _be_invited(life: Life) -> None:
    as_portal("digifarm_owner_invite", project=life.project["id"], email=EMAIL)


def _ask(life: Life) -> None:
    """Once it is confirmed, a question stands in mails alone."""
    from ckanext.digifarm.questions.model import Question  # noqa: PLC0415

    for is_confirmed in (True, False):
        # Somebody has to get it.
        with changed_config(
            "ckanext.digifarm.contact_email", "stadt@example.org"
        ):
            id_ = as_user(
                "",
                "digifarm_question_ask",
                project=life.project["id"],
                message=f"Fragen an {EMAIL}, {NAME}",
                name=NAME,
                email=EMAIL,
                consent=True,
            )["id"]
            row = model.Session.get(Question, id_)
            token = tokens.make(Purpose.QUESTION_CONFIRM, id_, row.token_key)
            if is_confirmed:
                as_user("", "digifarm_question_confirm", token=token)
            else:
                life.tokens["question"] = token


def _act_by_account(life: Life) -> None:
    """Own, link, claim what others have proposed, and decide on it."""
    project = proposing.project_of(proposing.get(life.ids["by_account"]))
    life.ids["dataset"] = factories.Dataset(title="Baumkataster")["id"]
    as_user(
        ACCOUNT,
        "digifarm_link_create",
        project=project.id,
        dataset=life.ids["dataset"],
        note="Die Bäume",
    )
    others = proposing.pending(project={"title": "Von anderen"})
    proposing.put_into(others, "approved")
    life.ids["of_others"] = others.id
    token = proposing.token_of(proposing.get(others.id), Purpose.CLAIM)
    as_user(ACCOUNT, "digifarm_project_claim", token=token)
    asked = proposing.pending(project={"title": "Geprüft"})
    as_user(
        ACCOUNT,
        "digifarm_proposal_request_changes",
        id=asked.id,
        reason="Bitte mehr dazu",
    )
    life.ids["reviewed"] = asked.id


def _be_spoken_of(life: Life) -> None:
    """By others, in all they can write."""
    project = life.project["id"]
    as_portal(
        "package_patch",
        id=project,
        initiators=NAME,
        notes=f"Mit {NAME}, {EMAIL}",
        contact_email=EMAIL.lower(),
        contact_name="Das Team",
    )
    life.ids["spoken"] = _task(
        project, f"{NAME} ablösen", description=f"Vorher: {EMAIL}"
    )
    call_action(
        "digifarm_link_create",
        project=project,
        dataset=life.ids["dataset"],
        note=f"Von {NAME} ({EMAIL})",
    )
    other = offering.confirm(
        offering.offer(
            project=project,
            area="content",
            contact_name="Alex",
            contact_email=OTHER,
            scope=f"Wie {NAME}",
            message=f"Ich kenne {NAME}, {EMAIL}",
        )
    )
    life.ids["other_support"] = other.id
    call_action(
        "digifarm_partner_create",
        title="Radclub",
        kind="other",
        description=f"Gegründet von {NAME}, {EMAIL}",
        offer=f"Auch von {NAME}, {EMAIL}",
        contact_email=OTHER,
    )
    call_action(
        "digifarm_support_create",
        project=project,
        area="sponsoring",
        person=NAME,
        consent=True,
    )


def _be_left(life: Life) -> None:
    """In projects that are deleted."""
    proposal = proposing.confirm(_proposed("Anerkannt und gelöscht"))
    proposing.put_into(proposal, "approved")
    gone = proposing.project_of(proposal).id
    as_portal("package_delete", id=gone)
    project = ProjectFactory(title="Gelöscht", contact_email=EMAIL)
    life.ids["deleted"] = project["id"]
    support = _offered(life, project=project["id"], named=True)
    call_action("digifarm_support_accept", id=support.id)
    life.ids["support_of_deleted"] = support.id
    life.tokens["support_of_deleted"] = offering.token_of(
        offering.get(support.id)
    )
    task = _task(project["id"], "Umsonst")
    assignment = _taken(task)
    life.ids["task_of_deleted"] = task
    life.tokens["task_of_deleted"] = tokens.make(
        Purpose.TASK, assignment.id, assignment.token_key
    )
    as_portal("package_delete", id=project["id"])
