"""What becomes of projects, links and owners is written down, in any way."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ckanext.digifarm
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.links.model import Link
from dev.counting import counting

from ..acting import as_portal, as_user
from ..browsing import Browser
from ..locks import until_waiting
from ..proposing import (
    REVIEWERS,
    confirm,
    create_people,
    empty_tables,
    parameters_of,
    pending,
    propose,
)

pytestmark = pytest.mark.usefixtures("shared_app", "nothing")

#: What each event about a project says of it.
FACTS = ("organization", "action_fields", "origin")

#: What events of projects themselves say besides.
STATUS = ("is_public", "stage", "listed")

#: Subject, action, source, target, actor, and what it says besides.
Shown = tuple[str, str, str | None, str | None, str, dict[str, Any]]


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def nothing(people) -> Iterator[None]:
    empty_tables()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture
def office(people) -> str:
    return model.Group.get("green-office").id


@pytest.fixture
def reviewers(people) -> str:
    return model.Group.get(REVIEWERS).id


@pytest.fixture
def project(project_factory, office) -> dict[str, Any]:
    """A project of the editors, before anybody has changed it."""
    project = project_factory(
        owner_org=office,
        stage="idea",
        help_wanted=["content"],
        action_fields=["mobility", "environment"],
        origin_community="Ein Hackathon",
    )
    forget_all()
    return project


@pytest.fixture
def dataset(office) -> dict[str, Any]:
    return factories.Dataset(owner_org=office)


def forget_all() -> None:
    model.Session.query(Event).delete()
    model.Session.commit()


def events() -> list[Event]:
    model.Session.rollback()
    model.Session.expire_all()
    return model.Session.query(Event).order_by(Event.number).all()


def shown() -> list[Shown]:
    """All events, without what is the same in all of a project."""
    return [
        (
            e.subject,
            e.action,
            e.source,
            e.target,
            e.actor,
            {
                k: v
                for k, v in e.data.items()
                if k not in FACTS and k not in STATUS
            },
        )
        for e in events()
    ]


def of_project(
    action: str, source: str | None, target: str | None, **data: Any
) -> Shown:
    return ("project", action, source, target, "project", data)


OFFICE, OTHER = "its office", "the other office"

#: What is changed, and what is written down then. The same by each way.
CHANGES: dict[str, tuple[dict[str, Any], list[Shown]]] = {
    "nothing": ({}, []),
    "words": ({"summary": "Anders", "title": "Anders"}, []),
    "hidden": (
        {"private": True},
        [of_project("hidden", "public", "private")],
    ),
    "stage": (
        {"stage": "live"},
        [of_project("stage_changed", "idea", "live")],
    ),
    "no stage": (
        {"stage": ""},
        [of_project("stage_changed", "idea", None)],
    ),
    **{
        # From then on it asks for nothing.
        stage: (
            {"stage": stage},
            [
                of_project(action, "idea", stage),
                of_project("help_closed", "open", None, area="content"),
            ],
        )
        for stage, action in (
            ("ended", "ended"),
            ("completed", "completed"),
            ("paused", "stage_changed"),
        )
    },
    "more help": (
        {"help_wanted": ["content", "care"]},
        [of_project("help_opened", None, "open", area="care")],
    ),
    "other help": (
        {"help_wanted": ["care", "technology"]},
        [
            of_project("help_opened", None, "open", area="technology"),
            of_project("help_opened", None, "open", area="care"),
            of_project("help_closed", "open", None, area="content"),
        ],
    ),
    "no help": (
        {"help_wanted": []},
        [of_project("help_closed", "open", None, area="content")],
    ),
    "organisation": (
        {"owner_org": OTHER},
        [of_project("organization_changed", OFFICE, OTHER)],
    ),
    "all at once": (
        {"stage": "live", "private": True, "help_wanted": []},
        [
            of_project("hidden", "public", "private"),
            of_project("stage_changed", "idea", "live"),
            of_project("help_closed", "open", None, area="content"),
        ],
    ),
}

Change = Callable[[dict[str, Any], dict[str, Any], str], None]


def by_update(
    project: dict[str, Any], changes: dict[str, Any], user: str
) -> None:
    shown = as_user(user, "package_show", id=project["id"])
    as_user(user, "package_update", **{**shown, **changes})


def by_patch(
    project: dict[str, Any], changes: dict[str, Any], user: str
) -> None:
    as_user(user, "package_patch", id=project["id"], **changes)


def by_revise(
    project: dict[str, Any], changes: dict[str, Any], user: str
) -> None:
    # An empty list would be nothing new to it.
    emptied = [f"-{key}" for key, value in changes.items() if value == []]
    as_user(
        user,
        "package_revise",
        match={"id": project["id"]},
        filter=emptied,
        update={k: v for k, v in changes.items() if v != []},
    )


def by_form(
    project: dict[str, Any], changes: dict[str, Any], user: str
) -> None:
    browser = Browser(ckanapp(), user)
    form = browser.form(f"/civic_project/edit/{project['name']}")
    changes = {k: v if v != [] else None for k, v in changes.items()}
    if "private" in changes:
        changes["private"] = str(changes["private"])
    response = browser.send(form.with_values(**changes))
    assert response.status_code in {200, 302}
    if "/end/" in response.request.full_path:
        # Whoever ends a project is asked why first.
        form = browser.form(response.request.full_path)
        browser.send(form)


APP: list[Any] = []


def ckanapp() -> Any:
    return APP[0]


@pytest.fixture(autouse=True)
def _app(shared_app) -> None:
    APP[:] = [shared_app]


WAYS: dict[str, Change] = {
    "update": by_update,
    "patch": by_patch,
    "revise": by_revise,
    "form": by_form,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("way", WAYS)
def test_each_change_is_written_down_once(
    way, change, project, office, reviewers, people
):
    ids = {OFFICE: office, OTHER: reviewers}
    changes, expected = CHANGES[change]
    changes = {
        k: ids.get(v, v) if isinstance(v, str) else v
        for k, v in changes.items()
    }
    WAYS[way](project, changes, people["sysadmin"])
    assert shown() == [
        (s, a, ids.get(f, f), ids.get(t, t), actor, data)
        for s, a, f, t, actor, data in expected
    ]
    sysadmin = model.User.get(people["sysadmin"]).id
    assert {e.created_by for e in events()} <= {sysadmin}
    assert {(e.project_id, e.subject_id) for e in events()} <= {
        (project["id"], project["id"])
    }


@pytest.mark.parametrize("private", [False, True])
def test_what_is_created_says_what_it_looks_for(
    private, project_factory, people, office
):
    as_user(
        people["project_editor"],
        "package_create",
        type="civic_project",
        name=f"neu-{private}".lower(),
        title="Neu",
        owner_org=office,
        private=private,
        help_wanted=["care", "content"],
        action_fields=["economy"],
        origin_community="Ein Verein",
    )
    target = "private" if private else "public"
    assert shown() == [
        of_project("created", None, target),
        of_project("help_opened", None, "open", area="content"),
        of_project("help_opened", None, "open", area="care"),
    ]
    editor = model.User.get(people["project_editor"]).id
    for event in events():
        assert event.created_by == editor
        assert {name: event.data[name] for name in FACTS} == {
            "organization": office,
            "action_fields": ["economy"],
            "origin": "Ein Verein",
        }


def test_an_import_is_written_down(run_import, office, people):
    text, option = "title,stage\nBaumblick,{}", "--organization=green-office"
    for stage in ("idea", "idea", "live"):
        result = run_import(text.format(stage), option)
        assert result.exit_code == 0, result.output
    assert shown() == [
        ("project", "created", None, "public", "portal", {}),
        ("project", "stage_changed", "idea", "live", "portal", {}),
    ]


def test_bulk_changes_are_written_down(project, office, people):
    for step, expected in (
        ("private", ("hidden", "public", "private")),
        ("private", None),
        ("public", ("published", "private", "public")),
        ("delete", ("deleted", "active", "deleted")),
    ):
        forget_all()
        as_user(
            people["sysadmin"],
            f"bulk_update_{step}",
            datasets=[project["id"]],
            org_id=office,
        )
        assert shown() == ([of_project(*expected)] if expected else [])


def test_an_organisation_is_changed_by_its_own_action(
    project, office, reviewers, people
):
    for _ in range(2):
        as_user(
            people["sysadmin"],
            "package_owner_org_update",
            id=project["id"],
            organization_id=reviewers,
        )
        assert shown() == [
            of_project("organization_changed", office, reviewers)
        ]
    assert events()[0].data["organization"] == reviewers


def test_what_is_deleted_can_be_restored(project, people):
    as_user(people["sysadmin"], "package_delete", id=project["name"])
    as_user(people["sysadmin"], "package_delete", id=project["name"])
    as_user(
        people["sysadmin"], "package_patch", id=project["id"], state="active"
    )
    assert shown() == [
        of_project("deleted", "active", "deleted"),
        of_project("restored", "deleted", "active"),
    ]


def test_each_event_of_a_project_says_how_it_is(project, people):
    """Statistics need no other event to know that."""
    for change in (
        {"stage": "live"},
        {"private": True},
        {"private": False},
        {"stage": "ended"},
    ):
        as_portal("package_patch", id=project["id"], **change)
    as_portal("package_delete", id=project["id"])
    as_portal("dataset_purge", id=project["id"])
    assert [
        (e.action, *(e.data[name] for name in ("is_public", "stage")))
        for e in events()
        if e.subject == "project" and "area" not in e.data
    ] == [
        ("stage_changed", True, "live"),
        ("hidden", False, "live"),
        ("published", True, "live"),
        ("ended", True, "ended"),
        ("deleted", False, "ended"),
        ("purged", False, "ended"),
    ]
    assert {e.data["listed"] for e in events() if e.subject == "project"} == {
        project["listed"]
    }


def test_a_draft_is_nothing_yet(people, office, dataset):
    draft = as_user(
        people["sysadmin"],
        "package_create",
        type="civic_project",
        name="entwurf",
        title="Entwurf",
        owner_org=office,
        stage="idea",
        state="draft",
    )
    by_patch(draft, {"stage": "live"}, people["sysadmin"])
    link = {"project": draft["id"], "dataset": dataset["id"]}
    as_portal("digifarm_link_create", **link)
    own(draft, people["other"])
    assert shown() == []
    by_patch(draft, {"state": "active"}, people["sysadmin"])
    assert shown() == [of_project("created", None, "public")]


def test_datasets_are_none_of_this(dataset, people, reviewers):
    by_patch(
        dataset, {"private": True, "owner_org": reviewers}, people["sysadmin"]
    )
    own(dataset, people["other"])
    as_portal("package_delete", id=dataset["id"])
    as_portal("dataset_purge", id=dataset["id"])
    assert shown() == []


def test_other_plugins_may_write_by_the_session(project):
    package = model.Package.get(project["id"])
    package.extras["stage"] = "live"
    model.Session.commit()
    assert shown() == [
        ("project", "stage_changed", "idea", "live", "portal", {})
    ]


def test_what_is_rolled_back_has_not_happened(project):
    package = model.Package.get(project["id"])
    package.private = True
    model.Session.flush()
    model.Session.rollback()
    assert shown() == []


def test_two_at_the_same_moment_change_it_once(project, shared_app):
    """The second one waits, and then there is nothing left to change."""

    def hide() -> None:
        package = model.Package.get(project["id"])
        package.private = True
        model.Session.flush()

    def hide_too() -> None:
        hide()
        model.Session.commit()
        model.Session.remove()

    hide()
    second = threading.Thread(target=hide_too)
    second.start()
    until_waiting(1)
    assert second.is_alive()
    model.Session.commit()
    second.join()
    assert [s[1] for s in shown()] == ["hidden"]


def test_a_proposal_becomes_a_project(people, office, reviewers):
    proposal = propose()
    assert [s[:5] for s in shown()] == [
        ("proposal", "digifarm_proposal_submit", None, "unconfirmed",
         "anybody"),
    ]  # fmt: skip
    forget_all()
    confirm(proposal)
    assert [s[:5] for s in shown()] == [
        ("project", "created", None, "private", "proposer"),
        ("proposal", "digifarm_proposal_confirm", "unconfirmed", "pending",
         "proposer"),
    ]  # fmt: skip
    assert {e.data["organization"] for e in events()} == {reviewers}
    forget_all()
    as_user(
        people["reviewer"],
        "digifarm_proposal_approve",
        id=proposal.id,
        **parameters_of("approve"),
    )
    assert sorted(s[:5] for s in shown()) == [
        ("project", "approved", None, "approved", "reviewer"),
        ("project", "organization_changed", reviewers, office, "reviewer"),
        ("project", "published", "private", "public", "reviewer"),
        ("proposal", "digifarm_proposal_approve", "pending", "approved",
         "reviewer"),
    ]  # fmt: skip
    assert {e.data["organization"] for e in events()} == {office}
    assert {e.project_id for e in events()} == {get_project(proposal)}


def get_project(proposal: Any) -> str:
    model.Session.expire_all()
    return proposal.project_id


@pytest.mark.parametrize(
    ("step", "user", "actor", "target"),
    [
        ("decline", "reviewer", "reviewer", "declined"),
        ("withdraw", "proposer", "proposer", "withdrawn"),
        ("withdraw", "sysadmin", "user", "withdrawn"),
    ],
)
def test_a_proposal_that_is_refused_deletes_its_project(
    step, user, actor, target, people
):
    proposal = pending(people["proposer"])
    forget_all()
    as_user(
        people[user],
        f"digifarm_proposal_{step}",
        id=proposal.id,
        **parameters_of(step),
    )
    assert [s[:5] for s in shown()] == [
        ("project", "deleted", "active", "deleted", actor),
        ("proposal", f"digifarm_proposal_{step}", "pending", target, actor),
    ]


def own(
    package: dict[str, Any], user: str, capacity: str = "editor"
) -> dict[str, Any]:
    return as_portal(
        "package_collaborator_create",
        id=package["id"],
        user_id=model.User.get(user).id,
        capacity=capacity,
    )


def test_owners_come_and_go(project, people):
    owner = model.User.get(people["other"]).id

    def give(capacity: str) -> None:
        as_user(
            people["sysadmin"],
            "package_collaborator_create",
            id=project["id"],
            user_id=owner,
            capacity=capacity,
        )

    give("member")
    give("editor")
    give("editor")
    give("member")
    give("editor")
    as_user(
        people["sysadmin"],
        "package_collaborator_delete",
        id=project["id"],
        user_id=owner,
    )
    assert shown() == [
        ("owner", "added", "member", "editor", "project", {}),
        ("owner", "removed", "editor", "member", "project", {}),
        ("owner", "added", "member", "editor", "project", {}),
        ("owner", "removed", "editor", None, "project", {}),
    ]
    # Whose account it is that owns it stands nowhere.
    for event in events():
        assert event.subject_id == project["id"]
        assert event.created_by == model.User.get(people["sysadmin"]).id
        assert owner not in str(event.data)


def test_owners_go_with_their_account_or_project(project, people):
    user = factories.User()
    for _ in range(2):
        own(project, user["name"])
        forget_all()
    as_user(people["sysadmin"], "user_delete", id=user["id"])
    assert shown() == [("owner", "removed", "editor", None, "project", {})]
    own(project, people["other"])
    forget_all()
    as_user(people["sysadmin"], "package_delete", id=project["id"])
    # Whoever restores it finds its owners.
    assert shown() == [of_project("deleted", "active", "deleted")]


LINK = {"relation": "uses", "linked_from": "project"}


def test_links_come_change_and_go(project, dataset, people):
    pair = {"project": project["id"], "dataset": dataset["id"]}
    data = {**LINK, "dataset": dataset["id"]}
    editor = people["project_editor"]
    for relation in ("uses", "uses", "provides"):
        as_user(editor, "digifarm_link_create", relation=relation, **pair)
    as_user(
        editor,
        "digifarm_link_create",
        relation="provides",
        note="Karte",
        **pair,
    )
    as_user(editor, "digifarm_link_delete", **pair)
    after = {**data, "relation": "provides"}
    assert shown() == [
        ("link", "created", None, "uses", "project", data),
        ("link", "changed", "uses", "provides", "project", after),
        ("link", "changed", "provides", "provides", "project", after),
        ("link", "removed", "provides", None, "project", after),
    ]
    assert {e.created_by for e in events()} == {model.User.get(editor).id}


def test_the_side_of_the_dataset_links(project, people, reviewers):
    theirs = factories.Dataset(owner_org=reviewers)
    pair = {"project": project["id"], "dataset": theirs["id"]}
    for action in ("create", "delete"):
        as_user(people["reviewer"], f"digifarm_link_{action}", **pair)
    assert [(s[1], s[4], s[5]["linked_from"]) for s in shown()] == [
        ("created", "dataset", "dataset"),
        ("removed", "dataset", "dataset"),
    ]


def test_links_go_with_a_dataset_that_is_purged(project, dataset, people):
    pair = {"project": project["id"], "dataset": dataset["id"]}
    as_portal("digifarm_link_create", **pair)
    forget_all()
    as_user(people["sysadmin"], "dataset_purge", id=dataset["id"])
    [event] = shown()
    data = {**LINK, "dataset": dataset["id"]}
    assert event == ("link", "removed", "uses", None, "project", data)


def test_links_of_a_proposal_are_nobodys(people, dataset):
    pending(people["proposer"], datasets=[dataset["name"]])
    [link] = [event for event in events() if event.subject == "link"]
    assert (link.action, link.actor) == ("created", "user")


def test_purging_a_project_forgets_people_not_numbers(
    project, dataset, people
):
    as_user(
        people["project_editor"],
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
    )
    by_patch(project, {"stage": "live"}, people["project_editor"])
    own(project, people["other"])
    model.Session.query(Event).update({"reason": "Ein Wort"})
    model.Session.commit()
    before = shown()
    assert len(before) == 3
    assert {e.created_by for e in events()} != {None}
    as_user(people["sysadmin"], "dataset_purge", id=project["id"])
    data = {**LINK, "dataset": dataset["id"]}
    assert shown() == [
        *before,
        ("owner", "removed", "editor", None, "project", {}),
        ("link", "removed", "uses", None, "project", data),
        of_project("purged", "active", None),
    ]
    for event in events():
        assert (event.created_by, event.reason) == (None, "")
        assert event.data["origin"] == "Ein Hackathon"
        assert event.project_id == project["id"]


class TestPrivacy:
    def act(self, project, dataset, people) -> None:
        """Let the owner leave traces everywhere."""
        own(project, people["other"])
        user = people["other"]
        by_patch(project, {"stage": "live"}, user)
        pair = {"project": project["id"], "dataset": dataset["id"]}
        as_user(user, "digifarm_link_create", **pair)
        as_user(user, "digifarm_task_create", project=project["id"], title="A")
        model.Session.query(Event).update({"reason": "Ein Wort"})
        # Core's own page for owners.
        id_ = model.User.get(user).id
        model.Session.query(Event).filter_by(subject="owner").update(
            {"created_by": id_}
        )
        model.Session.commit()
        assert {e.subject for e in events() if e.created_by == id_} == {
            "owner",
            "project",
            "link",
            "task",
        }

    def test_who_is_erased_has_done_nothing(self, project, dataset, people):
        self.act(project, dataset, people)
        before = shown()
        privacy.erase(" OTHER@example.org ")
        assert shown() == before
        assert {(e.created_by, e.reason) for e in events()} == {(None, "")}

    def test_others_stay(self, project, dataset, people):
        self.act(project, dataset, people)
        privacy.erase("another@example.org")
        assert {e.reason for e in events()} == {"Ein Wort"}
        privacy.purge()
        assert {e.reason for e in events()} == {"Ein Wort"}

    def test_time_forgets_all(self, project, dataset, people):
        self.act(project, dataset, people)
        before = shown()
        old = clock.days_ago(2000)
        model.Session.query(Event).update({"created": old})
        model.Session.commit()
        assert privacy.purge()["reasons"] == len(before)
        assert shown() == before
        assert {(e.created_by, e.reason) for e in events()} == {(None, "")}


def test_what_is_written_down_costs_the_same_however_much_it_is(
    project_factory, people, office, dataset
):
    """For each change one statement more that reads, and one that writes."""

    def cost(areas: list[str]) -> int:
        project = project_factory(owner_org=office, help_wanted=[])
        package = model.Package.get(project["id"])
        package.extras["help_wanted"] = str(areas).replace("'", '"')
        package.extras["stage"] = "live"
        package.private = True
        with counting() as counted:
            model.Session.commit()
        return len([s for s in counted.sql if "digifarm" in s]), len(
            counted.sql
        )

    one, many = cost(["care"]), cost(["care", "content", "technology"])
    assert one == many
    # The other one is the job that counts how much data is used.
    assert one[0] == 2


def test_what_goes_with_a_project_is_written_down_at_once(
    project_factory, office
):
    def cost(number: int) -> int:
        project = project_factory(owner_org=office)
        for _ in range(number):
            other = factories.Dataset(owner_org=office)["id"]
            model.Session.add(Link(project_id=project["id"], dataset_id=other))
        model.Session.commit()
        with counting() as counted:
            as_portal("dataset_purge", id=project["id"])
        return len(counted.sql)

    assert cost(1) == cost(4)


def test_saving_without_a_change_costs_nothing(project, people):
    package = model.Package.get(project["id"])
    package.title = "Anders"
    with counting() as counted:
        model.Session.commit()
    assert not [s for s in counted.sql if "digifarm_event" in s]
    assert not [s for s in counted.sql if "FOR UPDATE" in s]


def test_one_function_writes_events():
    root = Path(ckanext.digifarm.__file__).parent
    found = {
        str(file.relative_to(root))
        for file in root.rglob("*.py")
        if "migration" not in file.parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (
            ast.unparse(node.func).split(".")[-1] == "Event"
            or ast.unparse(node).startswith(
                ("insert(Event", "sa.insert(Event")
            )
        )
    }
    assert found == set()
