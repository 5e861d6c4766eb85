"""Whatever somebody sends to an action, it says what is wrong.

Each action of ours is asked with each wrong value for each of its parameters.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm import subjects
from ckanext.digifarm.projects import fields

from ..browsing import Browser
from ..offering import REVIEWERS
from ..scenes import Scene, partner, proposal, support, task
from ..uses import forget_uses

#: What programs send, and people who try things.
WRONG: dict[str, Any] = {
    "nothing": None,
    "no text": "",
    "a space": " ",
    "a line break": "\n",
    "a list": [],
    "a list of a number": [1],
    "a list of nothing": [None],
    "a list of a list": [[]],
    "a list of a dictionary": [{"a": 1}],
    "a dictionary": {},
    "a dictionary of a number": {"a": 1},
    "a dictionary of nothing": {"": None},
    "zero": 0,
    "one": 1,
    "a negative number": -1,
    "a huge number": 10**30,
    "a fraction": 1.5,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "true": True,
    "false": False,
    "a NUL": "\x00",
    "a NUL in a list": ["\x00"],
    "half a character": "\ud800",
    "half a character in a list": ["\ud800"],
    "a long text": "ä" * 100_000,
    "a long list": ["a"] * 5_000,
    "markup": "<b>'\"\\{{ x }}%s%(x)s{0}",
    "a query": "*:* OR name:[* TO *] {!func}x ~ \\",
    "a path": "../../../etc/passwd",
    "reading backwards": "\u202eabc",
    "a number as text": "٣",
    "bytes": b"abc",
}

#: How long an action may take, in seconds, on a machine that is busy.
LONGEST = 2

REFUSALS = (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError)

ACTIONS = {
    name: action
    for name, action in subjects.actions().items()
    if name.startswith("digifarm_")
}

#: The values of parameters that all is right with.
RIGHT: dict[str, Any] = {
    "area": "content",
    "conditions": ["open_source", "not_commercial", "public_value", "lawful"],
    "consent": True,
    "contact_email": "kim@example.org",
    "contact_name": "Kim",
    "email": "kim@example.org",
    "kind": "association",
    "name": "kim",
    "proposer_email": "kim@example.org",
    "proposer_name": "Kim",
    "reason": "Darum",
    "relation": "uses",
    "title": "Etwas",
}


def parameters_of(name: str) -> list[str]:
    """The parameters that an action names, or takes from another one."""
    text = ACTIONS[name].__doc__ or ""
    found = re.findall(r":param (\w+):", text)
    other = r"parameters are those of\s+:py:func:`(digifarm_\w+)`"
    for taken in re.findall(other, text):
        found += re.findall(r":param (\w+):", ACTIONS[taken].__doc__ or "")
    return [*dict.fromkeys(found)]


@pytest.fixture(scope="module")
def reviewed(portal: Scene) -> Iterator[Scene]:
    """A portal that takes proposals."""
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield portal


@pytest.fixture(scope="module")
def right(reviewed: Scene) -> dict[str, dict[str, Any]]:
    """By the beginnings of actions' names: what they are asked rightly."""
    dataset = factories.Dataset()
    rows = {
        "partner": partner("active")(reviewed).row,
        "proposal": proposal("pending")(reviewed).row,
        "support": support("offered")(reviewed).row,
        "task": task("taken", "held")(reviewed).row,
    }
    project = reviewed.project["id"]
    common = {**RIGHT, "project": project, "dataset": dataset["id"]}
    common["partner"] = rows["partner"].id
    found = {
        kind: {**common, "id": row.id, "into": row.id}
        for kind, row in rows.items()
    }
    for name in ("proposal_submit", "proposal_update"):
        found[name] = {
            **found["proposal"],
            "project": {"title": "Etwas", "notes": "Viel"},
        }
    return {**found, "": {**common, "id": project}}


def asked(name: str, right: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What is right of an action's parameters."""
    short = name.removeprefix("digifarm_")
    kind = max((kind for kind in right if short.startswith(kind)), key=len)
    known = parameters_of(name)
    return {key: right[kind][key] for key in known if key in right[kind]}


def attempts(name: str, right: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """What an action is asked, and what it is called."""
    base = asked(name, right)
    for parameter in parameters_of(name):
        for number, (what, value) in enumerate(WRONG.items()):
            yield f"{parameter}: {what}", {**base, parameter: value}
            if number % 4 == 0:
                yield f"only {parameter}: {what}", {parameter: value}


@pytest.mark.parametrize("name", ACTIONS)
def test_says_what_is_wrong(name, right, reviewed):
    roles = cycle(["sysadmin", "sysadmin", "sysadmin", "", "other"])
    failures = set()
    for (what, data), role in zip(attempts(name, right), roles, strict=False):
        failures |= failure_of(name, what, data, reviewed.named(role))
    assert not failures, "\n".join(sorted(failures))


@pytest.mark.parametrize(
    "field", [field["field_name"] for field in fields.fields()]
)
def test_says_what_is_wrong_with_a_proposed_project(field, right, reviewed):
    """Its fields are parameters too, which anybody sends."""
    base = right["proposal_submit"]
    failures = set()
    for what, value in WRONG.items():
        data = {**base, "project": {**base["project"], field: value}}
        failures |= failure_of("digifarm_proposal_submit", what, data, "")
    assert not failures, "\n".join(sorted(failures))


@pytest.mark.parametrize(
    ("name", "data", "wrong"),
    [
        ("digifarm_match", {"project": []}, "project"),
        ("digifarm_match", {"project": " "}, "project"),
        ("digifarm_match", {"partner": []}, "partner"),
        ("digifarm_project_claim_show", {"token": " "}, "token"),
        ("digifarm_proposal_confirm", {"token": " "}, "token"),
        ("digifarm_support_list", {"project": []}, "project"),
        ("digifarm_support_list", {"partner": " "}, "project"),
        ("digifarm_task_confirm", {"token": " "}, "token"),
        ("digifarm_task_confirm", {"token": [], "id": "x"}, "token"),
    ],
)
def test_the_api_names_what_is_wrong(name, data, wrong, shared_app):
    answer = Browser(shared_app).post(f"/api/3/action/{name}", json=data)
    assert answer.status_code == 409
    assert wrong in answer.json["error"]


def failure_of(
    name: str, what: str, data: dict[str, Any], user: str
) -> set[str]:
    """What goes wrong when somebody asks an action, in words."""
    context: Any = {
        "user": user,
        "auth_user_obj": model.User.get(user) or model.AnonymousUser(),
        "ignore_auth": False,
        "defer_commit": True,
    }
    started = time.monotonic()
    try:
        tk.get_action(name)(context, dict(data))
    except REFUSALS:
        return set()
    except Exception as e:  # noqa: BLE001 – it is what we look for
        return {f"{what}: {type(e).__name__}: {e}"[:200]}
    finally:
        model.Session.rollback()
        forget_uses()
    seconds = time.monotonic() - started
    return {f"{what}: {seconds} seconds"} if seconds > LONGEST else set()
