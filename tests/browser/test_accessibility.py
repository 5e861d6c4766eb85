"""No page of ours violates WCAG 2.2 AA, as far as axe can tell."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from ckan import model
from ckanext.digifarm.confirmations import mails, publishing
from ckanext.digifarm.confirmations.achievements import Achievement
from ckanext.digifarm.confirmations.kinds import Askee
from ckanext.digifarm.confirmations.model import (
    Confirmation,
    ConfirmationState,
)
from ckanext.digifarm.confirmations.workflow import ASK, WORKFLOW
from ckanext.digifarm.exchange.model import Import, ImportRow
from ckanext.digifarm.exchange.plan import Result
from ckanext.digifarm.lib import clock, jobs, tokens
from ckanext.digifarm.lib.ckan import Context
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.notices import gathering
from ckanext.digifarm.notices import links as notice_links
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.questions.model import Question
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import TaskAssignment

from ..acting import as_portal, as_user
from .axe import violations
from .content import (
    ALL_FIELDS,
    ORGANIZATION,
    count,
    create_dataset,
    create_project,
    know_addresses,
    link,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

#: Pages that are ours from top to bottom, and who opens them.
PAGES = {
    "list": ("/civic_project", None),
    "list with filters": (
        (
            "/civic_project?q=baum&vocab_stage=wanted_here"
            "&vocab_technologies=Python"
        ),
        None,
    ),
    "list that is empty": ("/civic_project?q=nirgends", None),
    "list of an editor": ("/civic_project", "editor"),
    "project with all fields": ("/civic_project/baumblick", None),
    "project with few fields": ("/civic_project/nur-ein-titel", None),
    "project of an owner": ("/civic_project/baumblick", "owner"),
    "project of a reviewer": ("/civic_project/baumblick", "admin"),
    "project that is private": ("/civic_project/geheim", "editor"),
    "project that is deleted": ("/civic_project/weg", "editor"),
    "new": ("/civic_project/new", "editor"),
    "edit": ("/civic_project/edit/baumblick", "editor"),
    "edit by an owner": ("/civic_project/edit/baumblick", "owner"),
    "delete": ("/civic_project/delete/baumblick", "editor"),
    "end": ("/civic_project/end/baumblick", "owner"),
    "about": ("/civic_project/about", None),
    "fact sheet": ("/civic_project/factsheet/baumblick", None),
    "fact sheet with few fields": (
        "/civic_project/factsheet/nur-ein-titel",
        None,
    ),
    "German fact sheet": ("/de/civic_project/factsheet/baumblick", None),
    "history": ("/dataset/activity/baumblick", "editor"),
    "dataset": ("/dataset/baumkataster", None),
    "dataset of an editor": ("/dataset/baumkataster", "editor"),
    "dataset that was replaced": ("/dataset/haushalt-2025", "editor"),
    "dataset that replaces another": ("/dataset/haushalt-2026", None),
    "project with newer data": ("/civic_project/nur-ein-titel", "editor"),
    "what replaces a dataset": (
        "/civic_project/successor/haushalt-2025",
        "editor",
    ),
    "what may replace a dataset": (
        "/civic_project/successor/baumkataster",
        "editor",
    ),
    "German page of what replaces a dataset": (
        "/de/civic_project/successor/haushalt-2025",
        "editor",
    ),
    "dataset that is deleted": ("/dataset/delete/baumkataster", "editor"),
    "history of a dataset": ("/dataset/activity/baumkataster", "editor"),
    "partners": ("/partner", None),
    "partners of a search": ("/partner/?q=nirgends", None),
    "partner": ("/partner/lesefreunde", None),
    "partner that matches projects": ("/partner/radwerkstatt", None),
    "partner of the city": ("/partner/lesefreunde", "admin"),
    "new partner": ("/partner/new", "editor"),
    "edit a partner": ("/partner/edit/lesefreunde", "admin"),
    "delete a partner": ("/partner/delete/lesefreunde", "admin"),
    "support": ("/civic_project/support/baumblick", "owner"),
    "support without supporters": (
        "/civic_project/support/nur-ein-titel",
        "editor",
    ),
    "offer": ("/civic_project/support/offer/baumblick?area=care", None),
    "offer of a user": ("/civic_project/support/offer/baumblick", "reader"),
    "offer that was sent": (
        "/civic_project/support/offer/baumblick/sent",
        None,
    ),
    "offer to confirm": (
        "/civic_project/support/confirm/{offer}",
        None,
    ),
    "offer for its two sides": ("/dashboard/support", "reader"),
    "offers for a project": ("/dashboard/support", "owner"),
    "my projects": ("/dashboard/projects", "owner"),
    "my projects, of which there are none": ("/dashboard/projects", "reader"),
    "projects without a caretaker": (
        "/civic_project/review?part=care",
        "admin",
    ),
    "projects that were edited": (
        "/civic_project/review?part=edited",
        "admin",
    ),
    "notifications": ("/dashboard/notifications", "editor"),
    "notifications, of which there are none": (
        "/dashboard/notifications",
        "reader",
    ),
    "German notifications": ("/de/dashboard/notifications", "editor"),
    "notifications, by link": (
        "/dashboard/notifications/link/{notified}",
        None,
    ),
    "notifications to turn off": (
        "/dashboard/notifications/off/{notified}",
        None,
    ),
    "German projects of mine": ("/de/dashboard/projects", "owner"),
    "team": ("/civic_project/team/baumblick", "owner"),
    "team of an editor": ("/civic_project/team/baumblick", "editor"),
    "team without owners": ("/civic_project/team/nur-ein-titel", "editor"),
    "German team": ("/de/civic_project/team/baumblick", "owner"),
    "handover folder": ("/civic_project/handover/baumblick", "owner"),
    "handover folder that is empty": (
        "/civic_project/handover/nur-ein-titel",
        "admin",
    ),
    "handover folder to edit": (
        "/civic_project/handover/baumblick/edit",
        "owner",
    ),
    "German handover folder": (
        "/de/civic_project/handover/baumblick/edit",
        "owner",
    ),
    "projects that could not change hands": (
        "/civic_project/review?part=handover",
        "admin",
    ),
    "request": ("/civic_project/support/request/baumblick", "owner"),
    "registration": ("/partner/register", None),
    "registration that was sent": ("/partner/register/sent", None),
    "registration to confirm": ("/partner/confirm/{unconfirmed}", None),
    "registrations that wait": ("/partner/review", "admin"),
    "partner to join": ("/partner/merge/lesefreunde", "admin"),
    "partner that is there twice": (
        "/partner/lesefreunde?notes=1",
        "admin",
    ),
    "partners that are deleted": ("/partner/deleted", "admin"),
    "German deleted partners": ("/de/partner/deleted", "admin"),
    "project with notes": ("/civic_project/baumblick?notes=1", "admin"),
    "German project with notes": (
        "/de/civic_project/baumblick?notes=1",
        "admin",
    ),
    "mails that were given up": ("/ckan-admin/digifarm-mails", "admin"),
    "German offer": ("/de/civic_project/support/offer/baumblick", None),
    "German registration": ("/de/partner/register", None),
    "German dashboard": ("/de/dashboard/support", "owner"),
    "tasks": ("/civic_project/tasks/baumblick", "owner"),
    "edit a task": ("/civic_project/tasks/edit/{task}", "owner"),
    "take a task": ("/civic_project/tasks/take/{task}", None),
    "take a task with an account": (
        "/civic_project/tasks/take/{task}",
        "reader",
    ),
    "task that is taken": ("/civic_project/tasks/take/{taken}", None),
    "mail with a task": ("/civic_project/tasks/take/{task}/sent", None),
    "confirm a task": ("/civic_project/tasks/confirm/{confirm}", None),
    "task of a taker": ("/civic_project/tasks/link/{link}", None),
    "task that its taker says is done": (
        "/civic_project/tasks/link/{reported}",
        None,
    ),
    "thanks to print": ("/civic_project/tasks/thanks/link/{thanks}", None),
    "partner of its contact": ("/partner/link/{partner}", None),
    "change by its contact": ("/partner/link/{partner}/edit", None),
    "deletion by its contact": ("/partner/link/{partner}/delete", None),
    "registration of its contact": ("/partner/mine/{registration}", "reader"),
    "German thanks": ("/de/civic_project/tasks/thanks/link/{thanks}", None),
    "German partner of its contact": ("/de/partner/link/{partner}", None),
    "task given back": ("/civic_project/tasks/returned/thanks", None),
    "question": ("/civic_project/questions/ask/baumblick", None),
    "question of a user": (
        "/civic_project/questions/ask/baumblick",
        "reader",
    ),
    "question to confirm": (
        "/civic_project/questions/ask/baumblick/sent",
        None,
    ),
    "question that was sent": (
        "/civic_project/questions/ask/baumblick/done",
        None,
    ),
    "confirm a question": (
        "/civic_project/questions/confirm/{question}",
        None,
    ),
    "German question": ("/de/civic_project/questions/ask/baumblick", None),
    "what is asked once a year": ("/civic_project/confirm", "owner"),
    "nothing that is asked once a year": ("/civic_project/confirm", "reader"),
    "is it still so": ("/civic_project/confirm/baumblick", "owner"),
    "is it still so, by link": ("/civic_project/confirm/link/{asked}", None),
    "it needs help": (
        "/civic_project/confirm/link/{asked}?answer=help",
        None,
    ),
    "somebody else should take it over": (
        "/civic_project/confirm/link/{asked}?answer=takeover",
        None,
    ),
    "it has ended": (
        "/civic_project/confirm/link/{asked}?answer=ended",
        None,
    ),
    "German question whether it is so": (
        "/de/civic_project/confirm/link/{asked}",
        None,
    ),
    "does a support go on": (
        "/civic_project/confirm/question/{ends}",
        "owner",
    ),
    "until when a support goes on": (
        "/civic_project/confirm/question/{ends}?answer=goes_on",
        "owner",
    ),
    "German question whether a support goes on": (
        "/de/civic_project/confirm/question/{ends}",
        "owner",
    ),
    "is a partner still right": (
        "/civic_project/confirm/question/{partner_asked}",
        "admin",
    ),
    "projects that nobody confirms": (
        "/civic_project/review?part=unconfirmed",
        "admin",
    ),
    "end what nobody confirms": (
        "/civic_project/confirm/end/{undecided}",
        "admin",
    ),
    "project that nobody confirms": ("/civic_project/lange-still", "editor"),
    "German project that nobody confirms": (
        "/de/civic_project/lange-still",
        None,
    ),
    "help": ("/civic_project/help-wanted", None),
    "help that is filtered": (
        "/civic_project/help-wanted?effort=hour&skill=Schreiben",
        None,
    ),
    "help that is not there": (
        "/civic_project/help-wanted?effort=weeks",
        None,
    ),
    "project in a frame": ("/civic_project/embed/baumblick", None),
    "projects in a frame": ("/civic_project/embed", None),
    "German projects in a frame": ("/de/civic_project/embed", None),
    "nothing in a frame": ("/civic_project/embed?q=nirgends", None),
    "numbers": ("/civic_project/statistics", None),
    "numbers of three years": (
        "/civic_project/statistics?since=2024-01&step=month",
        None,
    ),
    "numbers with a mistake": ("/civic_project/statistics?since=x", None),
    "numbers of nothing": (
        "/civic_project/statistics?origin=nowhere&since=2024-01",
        None,
    ),
    "German numbers": ("/de/civic_project/statistics", None),
    "report": ("/civic_project/statistics/2025", None),
    "report of this year, for reviewers": (
        f"/civic_project/statistics/{clock.now().year}",
        "admin",
    ),
    "German report": ("/de/civic_project/statistics/2025", None),
    "how we look at addresses": ("/civic_project/checks", None),
    "German page of that": ("/de/civic_project/checks", None),
    "addresses": ("/civic_project/checks/list", "admin"),
    "addresses of a kind": (
        "/civic_project/checks/list?health=moved&sort=address",
        "admin",
    ),
    "German addresses": ("/de/civic_project/checks/list", "admin"),
    "home": ("/", None),
    "organisation": (f"/organization/{ORGANIZATION}", None),
    "use of data": (f"/organization/data-use/{ORGANIZATION}", None),
    "use of data, of an editor": (
        f"/organization/data-use/{ORGANIZATION}?used=false&sort=title",
        "editor",
    ),
    "use of data, nothing found": (
        f"/organization/data-use/{ORGANIZATION}?q=nirgends",
        None,
    ),
    "German use of data": (
        f"/de/organization/data-use/{ORGANIZATION}",
        "editor",
    ),
    "user": ("/user/editor", None),
    "datasets": ("/dataset", None),
    "import": ("/civic_project/import", "admin"),
    "import, preview": ("/civic_project/import/{upload_checked}", "admin"),
    "import, progress": ("/civic_project/import/{upload_running}", "admin"),
    "import, result": ("/civic_project/import/{upload_done}", "admin"),
    "import, German preview": (
        "/de/civic_project/import/{upload_checked}",
        "admin",
    ),
    "German list": ("/de/civic_project", None),
    "German project": ("/de/civic_project/baumblick", "editor"),
    "German form": ("/de/civic_project/edit/baumblick", "editor"),
    "German page of a dataset": ("/de/dataset/baumkataster", "editor"),
    "German page about projects": ("/de/civic_project/about", None),
    "German partners": ("/de/partner", None),
    "German partner": ("/de/partner/lesefreunde", None),
    "German tasks": ("/de/civic_project/tasks/baumblick", "owner"),
    "German help": ("/de/civic_project/help-wanted", None),
    "German support": ("/de/civic_project/support/baumblick", "owner"),
}


@pytest.fixture(scope="module")
def content(portal, server) -> dict[str, str]:
    """Fill the portal.

    :returns: what stands for the names in braces in `PAGES`
    """
    gather()
    picture = f"{server}/base/images/ckan-logo.png"
    project = create_project("Baumblick", image_url=picture, **ALL_FIELDS)
    few = create_project("Nur ein Titel")
    create_project("Geheim", private=True, stage="live")
    create_project("Weg")
    as_portal("package_delete", id="weg")
    as_portal(
        "digifarm_partner_create",
        title="Lesefreunde",
        kind="association",
        description="Wir *lesen* vor.",
        url="https://lesen.example.org",
        areas=["content", "care"],
        competences=["Leichte Sprache"],
        action_fields=["participation"],
        contact_email="lesen@example.org",
    )
    as_portal(
        "digifarm_partner_create",
        title="Radwerkstatt",
        kind="association",
        areas=["technology"],
        competences=["Python"],
        action_fields=["environment"],
    )
    for area, supporter in (
        ("content", {"partner": "lesefreunde", "since": "2024"}),
        ("care", {"person": "Kim", "consent": True, "scope": "Blumen"}),
    ):
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area=area,
            **supporter,
        )
    as_user(
        "reader",
        "digifarm_support_offer",
        project=project["id"],
        area="sponsoring",
        contact_name="Kim",
        message="Gern!",
        consent=True,
    )
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id="owner",
        capacity="editor",
    )
    as_user(
        "owner",
        "digifarm_handover_update",
        id=project["id"],
        domain_holder="Verein Baumblick",
        domain_paid_until="2020-03",
        domain_documented="Im [Wiki](https://wiki.example.org/domain)",
        app_store_unused=True,
    )
    as_user(
        "owner",
        "digifarm_owner_invite",
        project=project["id"],
        email="alex@example.org",
        hands_over=True,
    )
    registered = as_user(
        "reader",
        "digifarm_partner_register",
        title="Kartenkreis",
        kind="developers",
        description="Wir *zeichnen*.",
        url="https://karten.example.org",
        areas=["content"],
        contact_name="Kim",
        consent=True,
    )
    unconfirmed = as_user(
        "",
        "digifarm_partner_register",
        title="Lastenrad",
        kind="association",
        contact_name="Kim",
        contact_email="kim@example.org",
        consent=True,
    )
    offer = as_user(
        "",
        "digifarm_support_offer",
        project=project["id"],
        area="technology",
        contact_name="Kim",
        contact_email="kim@example.org",
        message="Sehr gern",
        consent=True,
    )
    dataset = create_dataset("Baumkataster", name="baumkataster")
    replaced = create_dataset("Haushalt 2025", name="haushalt-2025")
    create_dataset("Haushalt 2026", name="haushalt-2026")
    as_portal(
        "digifarm_successor_set",
        dataset="haushalt-2025",
        successor="haushalt-2026",
    )
    link(few, replaced)
    link(project, dataset, note="Zeigt jeden Baum")
    link(few, dataset, relation="provides")
    listed = model.Session.query(Partner).filter_by(name="radwerkstatt").one()
    for title in ("Lesefreunde e. V.", "Alter Name"):
        as_portal(
            "digifarm_partner_create",
            title=title,
            kind="association",
            url="https://lesen.example.org/wir",
        )
    as_portal(
        "digifarm_partner_merge", id="alter-name", into="lesefreunde-e-v"
    )
    for subject, id_ in (
        ("project", project["id"]),
        ("partner", "lesefreunde"),
    ):
        as_user(
            "admin",
            "digifarm_note_create",
            subject=subject,
            subject_id=id_,
            text="Mit dem Amt\nnoch klären",
        )
    tasks = create_tasks(project)
    know_addresses()
    count()
    silent = create_project(
        "Lange still", help_wanted=["content"], stage="live"
    )
    as_portal(
        "digifarm_task_create", project=silent["id"], title="Einmal hinsehen"
    )
    alive = create_project("Noch da", help_wanted=["content"], stage="live")
    as_portal(
        "package_collaborator_create",
        id=alive["id"],
        user_id="owner",
        capacity="editor",
    )
    achieve(alive)
    gather()
    notified = model.User.get("editor")
    assert notified
    support = model.Session.query(Support).filter_by(area="care").one()
    support.until = "2999-03"
    return {
        **tasks,
        **uploads(),
        "ends": question_about("support_end", support.id, project["id"]),
        "partner_asked": question_about("partner", listed.id),
        "notified": notice_links.make(notified, notice_links.DIGEST),
        "question": asking(project),
        "asked": mails.token_of(*asked_about(alive)),
        "undecided": be_silent(silent).id,
        "registration": registered["id"],
        "unconfirmed": confirming(
            Partner, unconfirmed["id"], Purpose.PARTNER_CONFIRM
        ),
        "offer": confirming(Support, offer["id"], Purpose.SUPPORT_CONFIRM),
        "partner": tokens.make(Purpose.PARTNER, listed.id, listed.token_key),
    }


def uploads() -> dict[str, str]:
    """Tables that somebody has uploaded, by their states."""
    return {
        f"upload_{state}": uploaded(state)
        for state in ("checked", "running", "done")
    }


def uploaded(state: str) -> str:
    """A table with a row of each kind; the id of the upload."""
    row = Import(
        user_id=model.User.get("admin").id,
        filename="liste.xlsx",
        content=b"",
        digest="",
        language="de",
        notes=["Das Blatt „Liste“ wird gelesen."],
        num_rows=80,
        state=state,
    )
    model.Session.add(row)
    model.Session.flush()
    for number in range(80):
        result = [*Result][number % 4]
        model.Session.add(
            ImportRow(
                import_id=row.id,
                number=number,
                place=f'Zeile {number + 2} "Baumblick"',
                project="" if result is Result.FAILED else "baumblick",
                result=result.value,
                changed=["summary", "tasks"],
                complaints=["B7 (Stand): „lebt“ gibt es nicht"],
                reports=["C7: wird nicht übernommen"],
                is_done=state == "done",
            )
        )
    model.Session.commit()
    return row.id


def gather() -> None:
    """Tell everybody what has happened; the first time, nothing."""
    gathering.gather()
    model.Session.commit()


def asked_about(project: dict[str, Any]) -> tuple[Confirmation, Askee]:
    """Ask whether a project still is as it says: the question, its owner."""
    row = new_question(project)
    context = Context(defer_commit=True)
    WORKFLOW.begin(ASK, context, row, ConfirmationState.ASKED)
    model.Session.commit()
    [owner] = [
        askee
        for askee in mails.linked(row)
        if askee.user and askee.user.name == "owner"
    ]
    return row, owner


def achieve(project: dict[str, Any]) -> None:
    """Let a project have achieved something, and a support have ended."""
    model.Session.add(
        Achievement(
            project_id=project["id"],
            year=clock.now().year,
            text="Alle Bäume stehen in der Karte.",
        )
    )
    ended = as_portal(
        "digifarm_support_create", project=project["id"], area="content"
    )
    as_portal("digifarm_support_end", id=ended["id"])


def be_silent(project: dict[str, Any]) -> Confirmation:
    """Let nobody have answered for long; the question to reviewers."""
    row = new_question(project)
    row.asked = row.began = clock.days_ago(100)
    row.silent = clock.days_ago(10)
    row.state = ConfirmationState.UNDECIDED.value
    model.Session.add(row)
    model.Session.flush()
    publishing.publish(row)
    model.Session.commit()
    jobs.run()
    return row


def new_question(project: dict[str, Any]) -> Confirmation:
    """A question whether a project still is as it says."""
    return Confirmation(
        subject="project",
        subject_id=project["id"],
        project_id=project["id"],
    )


def question_about(subject: str, id_: str, project: str | None = None) -> str:
    """A question about something else; its id."""
    row = Confirmation(
        subject=subject,
        subject_id=id_,
        project_id=project,
        state=ConfirmationState.ASKED.value,
    )
    model.Session.add(row)
    model.Session.commit()
    return row.id


def confirming(table: type[Any], id_: str, purpose: Purpose) -> str:
    """The token of a mail that asks to confirm something."""
    row = model.Session.get(table, id_)
    assert row
    return tokens.make(purpose, id_, row.token_key)


def asking(project: dict[str, Any]) -> str:
    """Let somebody ask the project's team; the token to confirm it."""
    id_ = as_user(
        "",
        "digifarm_question_ask",
        project=project["id"],
        message="Wem gehören die Bäume?",
        name="Kim",
        email="kim@example.org",
        consent=True,
    )["id"]
    return confirming(Question, id_, Purpose.QUESTION_CONFIRM)


def create_tasks(project: dict[str, Any]) -> dict[str, str]:
    """Create tasks in all states.

    :returns: ids of an open and a taken one, and the tokens of their takers
    """
    task, taken, done, reported, thanked = (
        as_portal(
            "digifarm_task_create",
            project=project["id"],
            title=title,
            description="Für *30* Bilder",
            skills=["Schreiben", "Botanik"],
            effort="hour",
            url="https://code.example.org/1",
        )["id"]
        for title in (
            "Bilder beschreiben",
            "Bäume zählen",
            "Logo malen",
            "Texte lesen",
            "Karten falten",
        )
    )
    as_portal("digifarm_task_done", id=done)
    link = as_user("", "digifarm_task_confirm", token=wanting(taken))
    links = {}
    for name, id_ in (("reported", reported), ("thanks", thanked)):
        held = as_user("", "digifarm_task_confirm", token=wanting(id_))
        links[name] = held["token"]
        as_user("", "digifarm_task_report", token=links[name], reason="Alle")
    as_portal("digifarm_task_done", id=thanked)
    links["thanks"] = token_of(thanked, Purpose.TASK_DONE)
    return {
        **links,
        "task": task,
        "taken": taken,
        "confirm": wanting(task),
        "link": link["token"],
    }


def wanting(task: str) -> str:
    """Let somebody want a task; the token to confirm it."""
    kim = {"name": "Kim", "email": "kim@example.org", "consent": True}
    as_user("", "digifarm_task_take", id=task, **kim)
    return token_of(task, Purpose.TASK_CONFIRM)


def token_of(task: str, purpose: Purpose) -> str:
    """The token of who has taken a task, or wants it."""
    model.Session.rollback()
    model.Session.expire_all()
    claim = model.Session.query(TaskAssignment).filter_by(task_id=task).one()
    return tokens.make(purpose, claim.id, claim.token_key)


@pytest.mark.parametrize(("path", "user"), PAGES.values(), ids=PAGES)
def test_page(path, user, content, visit):
    page = visit(path.format(**content), user)
    found = violations(page)
    for f in found:
        print(f)
    assert not found


@pytest.mark.parametrize(
    ("path", "user"),
    [
        ("/civic_project/edit/baumblick", "reader"),
        ("/civic_project/support/confirm/x", None),
        ("/civic_project/embed/nirgends", None),
    ],
)
def test_page_that_says_no(path, user, visit):
    page = visit("/civic_project/about", user)
    page.goto(path)
    assert not violations(page)


def test_page_that_offers_what_to_link(visit):
    page = visit("/civic_project/nur-ein-titel", "editor")
    page.locator("summary", has_text="Link datasets").click()
    page.get_by_label("Add datasets").fill("baum")
    page.get_by_role("button", name="Create links").click()
    expect(page.get_by_text("Nothing matches")).to_have_count(1)
    assert not violations(page)


def test_page_where_several_are_chosen(visit):
    page = visit("/civic_project/nur-ein-titel", "editor")
    page.goto("/dataset/baumkataster")
    page.locator("summary", has_text="Link civic projects").click()
    page.get_by_label("Add civic projects").fill("geheim")
    page.get_by_role("option").first.click()
    page.get_by_label("Add civic projects").fill("nichts davon")
    page.get_by_role("button", name="Create links").click()
    expect(page.get_by_label("Geheim")).to_be_checked()
    assert not violations(page)


def test_page_with_mistakes(visit):
    page = visit("/civic_project/new", "editor")
    page.get_by_role("button", name="Save the").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert not violations(page)


def test_page_of_an_old_version(visit):
    as_user("admin", "package_patch", id="baumblick", operator="Ein Verein")
    page = visit("/dataset/activity/baumblick", "editor")
    page.get_by_role("link", name="View this version").first.click()
    expect(page.get_by_text("This is an old version")).to_be_visible()
    assert not violations(page)


def test_page_of_an_offer_by_its_link(visit):
    support = model.Session.query(Support).filter_by(area="sponsoring").one()
    args = (support.id, support.token_key)
    path = "/civic_project/support/link/{}"
    page = visit(path.format(tokens.make(tokens.Purpose.SUPPORT, *args)))
    assert not violations(page)
    page.goto(path.format("x"))
    expect(page.get_by_text("can’t be used").first).to_be_visible()
    assert not violations(page)
