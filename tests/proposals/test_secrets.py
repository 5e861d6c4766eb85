"""What is proposed reaches the proposer and the reviewers, until it is public.

Every page and every action that only reads is tried with all that there is.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ckan import model
from ckan.lib import search
from ckan.lib.search.common import make_connection
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.tokens import Purpose

from ..acting import as_portal, as_user
from ..browsing import Browser
from ..proposing import (
    REVIEWERS,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    propose,
    put_into,
    token_of,
)
from ..reading import (
    PROJECTS,
    Page,
    all_pages,
    answers,
    read_by_sysadmin,
    shown,
)

pytestmark = pytest.mark.usefixtures("shared_app")

#: Words that stand nowhere else, by what they are.
SECRETS = {
    # Who proposes, whatever became of it.
    "person": ("Zilpzalp", "zilpzalp@example.org"),
    # What nobody has confirmed.
    "unconfirmed": ("Unbestätigte Blaumeise", "Nistkasten ungelesen"),
    # What nobody has decided on, or what was declined.
    "project": ("Wartende Kohlmeise", "Abgelehnte Tannenmeise"),
    "reason": ("Im Vertrauen gesagt",),
}

_OWN = {"digifarm_proposals.edit", "digifarm_proposals.read"}
_REVIEW = {"digifarm_reviews.index", "digifarm_reviews.read"}

#: The pages that tell something; of the project, only where few do: core lets
#: members of an organisation read its private packages.
PAGES: dict[str, dict[str, set[str]]] = {
    "anonymous": {},
    "project_editor": {},
    "proposer": {
        "project": {
            *_OWN,
            "digifarm_notifications.index",
            "digifarm_owners.index",
        },
        "reason": _OWN,
    },
    "review_member": {"project": set()},
    "reviewer": {
        "person": _REVIEW,
        "project": set(),
        "reason": {"digifarm_proposals.read", "digifarm_reviews.read"},
    },
    "sysadmin": {
        "person": _REVIEW,
        "project": set(),
        "reason": {*_OWN, "digifarm_reviews.read"},
        "unconfirmed": {*_OWN, "digifarm_reviews.read"},
    },
}

#: The same for actions.
ACTIONS: dict[str, dict[str, set[str]]] = {
    "anonymous": {},
    "other": {},
    "project_editor": {},
    "proposer": {
        # Their own name.
        "person": {"digifarm_proposal_show"},
        "project": {
            "digifarm_own_step_list",
            "digifarm_proposal_list",
            "digifarm_proposal_show",
        },
        "reason": {"digifarm_proposal_show"},
    },
    "review_member": {"project": set()},
    "reviewer": {
        "person": {"digifarm_proposal_list", "digifarm_proposal_show"},
        "project": set(),
        "reason": {"digifarm_proposal_show"},
    },
    "sysadmin": {
        "person": {"digifarm_proposal_list", "digifarm_proposal_show"},
        "project": set(),
        "reason": {"digifarm_proposal_show"},
        "unconfirmed": {"digifarm_proposal_show"},
    },
}


@pytest.fixture(autouse=True)
def reviewers():
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def things(people) -> dict[str, str]:
    """Proposals in several states, with their links and projects."""
    person, address = SECRETS["person"]
    who = {"proposer_name": person, "proposer_email": address}
    title, text = SECRETS["unconfirmed"]
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        empty_tables()
        unconfirmed = propose(project={"title": title, "notes": text}, **who)
        waiting, refused = (
            pending(
                people["proposer"],
                project={"title": title, "notes": title, "stage": "live"},
                proposer_name=person,
            )
            for title in SECRETS["project"]
        )
        waiting = put_into(waiting, "changes_requested", *SECRETS["reason"])
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(waiting),
            project={"notes": SECRETS["project"][0]},
            reason=SECRETS["reason"][0],
        )
        refused = put_into(refused, "declined", *SECRETS["reason"])
        as_user(
            people["reviewer"],
            "package_patch",
            id=waiting.project_id,
            notes=f"{SECRETS['project'][0]} und mehr",
        )
        for proposal in (waiting, refused):
            search.rebuild(proposal.project_id)
    return {
        "waiting": waiting.id,
        "waiting project": project_of(waiting).name,
        "refused": refused.id,
        "refused project": project_of(refused).name,
        "unconfirmed": unconfirmed.id,
        "organization": REVIEWERS,
        "user": people["proposer"],
    }


def revealed(text: str) -> set[str]:
    """What kinds of secrets some text tells."""
    return {
        kind
        for kind, words in SECRETS.items()
        if any(word in text for word in words)
    }


def told_by(texts: Any) -> dict[str, set[str]]:
    """Who tells what kind of secret, given names and texts."""
    telling: dict[str, set[str]] = {}
    for name, text in texts:
        for kind in revealed(text):
            telling.setdefault(kind, set()).add(name)
    return telling


@pytest.fixture(scope="module")
def pages(people, things, shared_app) -> dict[Page, str]:
    sysadmin = people["sysadmin"]
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        return all_pages(shared_app, list(things.values()), sysadmin)


@pytest.mark.parametrize("who", PAGES)
def test_pages_show_them_to_those_who_decide(who, people, pages, shared_app):
    if who == "sysadmin":
        texts = read_by_sysadmin(pages)
    else:
        user = model.User.get(people[who])
        browser = Browser(shared_app, user.id if user else None)
        texts = shown(browser, pages)
    check(told_by(texts), PAGES[who])


@pytest.mark.parametrize("who", ACTIONS)
def test_actions_tell_them_to_those_who_decide(who, people, things):
    queries = [
        {},
        {"mine": True},
        {"q": "Kohlmeise"},
        {"q": PROJECTS},
        {"q": PROJECTS, "include_private": True},
        {"title": "Wartende Kohlmeise"},
        *(
            {key: value, **more}
            for key in ("id", "project")
            for value in things.values()
            for more in ({}, {"include_private": True})
        ),
    ]
    check(told_by(answers(people[who], queries)), ACTIONS[who])


def check(told: dict[str, set[str]], expected: dict[str, set[str]]) -> None:
    assert told.keys() == expected.keys()
    for kind, names in expected.items():
        # Where there are many, somebody may simply read the project.
        assert told[kind] == names or not names, kind


def test_a_link_shows_one_proposal_and_not_whose_it_is(things, shared_app):
    visitor = Browser(shared_app)
    for thing, page, purpose, expected in (
        (
            "unconfirmed",
            "confirm",
            Purpose.PROPOSAL_CONFIRM,
            {"unconfirmed"},
        ),
        ("waiting", "link", Purpose.PROPOSAL, {"project", "reason"}),
        ("refused", "link", Purpose.PROPOSAL, {"project", "reason"}),
    ):
        token = token_of(get(things[thing]), purpose)
        response = visitor.get(f"/civic_project/propose/{page}/{token}")
        assert response.status_code == 200
        assert revealed(response.body) == expected


def test_the_index_knows_of_private_projects_only(things):
    documents = make_connection().search("*:*", fl="*", rows=1000).docs
    telling = [
        d
        for d in documents
        if revealed(json.dumps(d, ensure_ascii=False, default=str))
    ]
    assert revealed(
        json.dumps(documents, ensure_ascii=False, default=str)
    ) == {"project"}
    assert {d["name"] for d in telling} == {things["waiting project"]}
    assert {d["capacity"] for d in telling} == {"private"}
    package = as_portal("package_show", id=things["waiting project"])
    assert revealed(json.dumps(package, ensure_ascii=False)) == {"project"}
