"""Who sends too much is refused before the portal works for them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ckantoolkit as tk
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.rate_limits import LimitReached
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.projects import pictures
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.questions.model import Question
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import TaskAssignment
from dev.counting import counting

from ..acting import as_user
from ..locks import held, impatient
from ..offering import OFFER
from ..proposing import CONDITIONS, PROJECT, SECRETS
from ..scenes import KIM, PARTNER, QUESTION, Scene, partner, task, traces
from ..scenes import proposal as waiting_proposal

OPTION = "ckanext.digifarm.limits"

NOTHING = {"events": [], "mails": [], "jobs": []}


class Form:
    """Something that anybody may send.

    :param fields: gives what is sent, with all that takes work
    :param rows: what the form may lock
    """

    def __init__(
        self,
        action: str,
        table: Any,
        email: str,
        fields: Callable[[Scene], tuple[dict[str, Any], list[Any]]],
    ) -> None:
        self.action = f"digifarm_{action}"
        self.table = table
        self.email = email
        self.fields = fields


def offer(scene: Scene) -> tuple[dict[str, Any], list[Any]]:
    row = partner("active")(scene).row
    data = {**OFFER, "project": scene.project["id"], "partner": row.id}
    return data, [row, (model.Package, scene.project["id"])]


def registration(scene: Scene) -> tuple[dict[str, Any], list[Any]]:
    row = partner("active", PARTNER["title"])(scene).row
    return {**PARTNER, "title": "Noch einer"}, [row]


def claim(scene: Scene) -> tuple[dict[str, Any], list[Any]]:
    row = task("open")(scene).row
    data = {**KIM, "id": row.id}
    return data, [row, (model.Package, scene.project["id"])]


def question(scene: Scene) -> tuple[dict[str, Any], list[Any]]:
    id_ = scene.project["id"]
    return {**QUESTION, "project": id_}, [(model.Package, id_)]


def proposal(scene: Scene) -> tuple[dict[str, Any], list[Any]]:
    dataset = factories.Dataset()
    data = {
        "project": PROJECT,
        "datasets": [dataset["name"]],
        "conditions": CONDITIONS,
        "consent": True,
        "image_upload": upload(),
        **SECRETS,
    }
    return data, [(model.Package, dataset["id"])]


def upload() -> FileStorage:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    buffer.seek(0)
    return FileStorage(buffer, "a.png", content_type="image/png")


FORMS = {
    "offer": Form("support_offer", Support, "contact_email", offer),
    "registration": Form(
        "partner_register", Partner, "contact_email", registration
    ),
    "claim": Form("task_take", TaskAssignment, "email", claim),
    "question": Form("question_ask", Question, "email", question),
    "proposal": Form("proposal_submit", Proposal, "proposer_email", proposal),
}


@pytest.fixture(params=FORMS)
def form(request) -> Form:
    return FORMS[request.param]


@pytest.fixture
def request_from(shared_app, scene, tmp_path):
    """A request of somebody, by their network address."""

    @contextmanager
    def request_from(address: str) -> Iterator[None]:
        with (
            shared_app.flask_app.test_request_context(
                environ_base={"REMOTE_ADDR": address}
            ),
            changed_config("ckan.storage_path", str(tmp_path)),
        ):
            yield

    return request_from


def fail(upload: Any) -> bytes:
    pytest.fail("a picture was unpacked")


def refused_sql(form: Form, data: dict[str, Any], user: str) -> list[str]:
    """What a refusal asks the database for."""
    with counting() as cost, pytest.raises(LimitReached):
        as_user(user, form.action, **data)
    model.Session.rollback()
    assert cost.solr == []
    return cost.sql


def tables_of(statements: list[str]) -> set[str]:
    """The tables that statements ask first, but for who somebody is."""
    found = {
        statement.split("FROM", 1)[1].split()[0].strip('"')
        for statement in statements
        if statement.startswith("SELECT")
    }
    return found - {"user"}


def locks_in(statements: list[str]) -> list[str]:
    return [
        statement
        for statement in statements
        if re.search(r"FOR (NO KEY )?(UPDATE|SHARE)", statement)
    ]


#: What is asked for before somebody is refused: whether the portal takes any
#: proposals at all.
ASKED = {
    "offer": set(),
    "registration": set(),
    "claim": set(),
    "question": set(),
    "proposal": {"group"},
}


@pytest.mark.parametrize("name", FORMS)
def test_a_limit_comes_before_all_work(name, scene, request_from, monkeypatch):
    form = FORMS[name]
    data, rows = form.fields(scene)
    there = model.Session.query(form.table).count()
    with changed_config(f"{OPTION}.address", "1 per hour"):
        with request_from("192.0.2.1"):
            as_user("", form.action, **data)
        before = traces()
        monkeypatch.setattr(pictures, "content", fail)
        again = {**data, form.email: "somebody.else@example.org"}
        again |= {"image_upload": upload()} if "image_upload" in data else {}
        with held(*rows), impatient(), request_from("192.0.2.1"):
            statements = refused_sql(form, again, "")
    assert tables_of(statements) == ASKED[name]
    assert locks_in(statements) == []
    assert model.Session.query(form.table).count() == there + 1
    assert traces() == before


@pytest.mark.parametrize("before", FORMS)
@pytest.mark.parametrize("name", FORMS)
def test_all_forms_are_counted_together(before, name, scene, request_from):
    first, form = FORMS[before], FORMS[name]
    used, _ = first.fields(scene)
    data = used if before == name else form.fields(scene)[0]
    data = {**data, form.email: "somebody.else@example.org"}
    with (
        changed_config(f"{OPTION}.address", "1 per hour"),
        request_from("192.0.2.1"),
    ):
        as_user("", first.action, **used)
        with pytest.raises(LimitReached):
            as_user("", form.action, **data)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_with_a_name_is_looked_up_at_most(name, scene, request_from):
    form = FORMS[name]
    data, _ = form.fields(scene)
    with (
        changed_config(f"{OPTION}.address", "1 per hour"),
        request_from("192.0.2.1"),
    ):
        as_user("", form.action, **data)
        again = {**data, "submission": "a form"}
        again |= {"image_upload": upload()} if "image_upload" in data else {}
        statements = refused_sql(form, again, "")
    assert tables_of(statements) == {*ASKED[name], form.table.__tablename__}


@pytest.mark.parametrize("name", FORMS)
def test_an_account_is_limited_alike(name, scene, request_from, monkeypatch):
    form = FORMS[name]
    data, rows = form.fields(scene)
    user = scene.named("offerer")
    with changed_config(f"{OPTION}.address", "1 per hour"):
        with request_from("192.0.2.1"):
            as_user(user, form.action, **data)
        monkeypatch.setattr(pictures, "content", fail)
        again = {**data, form.email: "somebody.else@example.org"}
        again |= {"image_upload": upload()} if "image_upload" in data else {}
        with held(*rows), impatient(), request_from("192.0.2.2"):
            statements = refused_sql(form, again, user)
    assert tables_of(statements) == ASKED[name]


@pytest.mark.parametrize("name", FORMS)
def test_who_is_not_limited_waits_or_works(
    name, scene, request_from, monkeypatch
):
    """What the tests above watch does happen otherwise."""
    form = FORMS[name]
    data, _ = form.fields(scene)
    unpacked = []

    def content(upload: Any) -> bytes:
        unpacked.append(upload)
        return b"\x89PNG\r\n\x1a\n"

    monkeypatch.setattr(pictures, "content", content)
    # What the session knows already is asked for by nobody.
    model.Session.remove()
    with request_from("192.0.2.1"), counting() as cost:
        as_user("", form.action, **data)
    assert len(unpacked) == (name == "proposal")
    watched = {
        "offer": "package",
        "registration": "digifarm_partner",
        "claim": "digifarm_task",
        "question": "package",
        "proposal": "package",
    }[name]
    assert watched in tables_of(cost.sql)
    # Of the task, or the partner that offers; and of the project, which must
    # not end meanwhile.
    locked = {"claim": 2, "offer": 2}.get(name, 0)
    assert len(locks_in(cost.sql)) == locked


def test_a_mistyped_licence_is_no_use_of_the_form(scene, request_from):
    data, _ = proposal(scene)
    wrong = {**data, "project": {**PROJECT, "source_license": "All mine"}}
    with (
        changed_config(f"{OPTION}.address", "1 per hour"),
        request_from("192.0.2.1"),
    ):
        for _ in range(2):
            with pytest.raises(Exception, match="source_license"):
                as_user("", "digifarm_proposal_submit", **wrong)
        as_user("", "digifarm_proposal_submit", **data)
    assert len(traces()["mails"]) == 1


@pytest.mark.parametrize("name", FORMS)
def test_a_double_click_counts_once(name, scene, request_from):
    form = FORMS[name]
    data, _ = form.fields(scene)
    data["submission"] = "a form"
    with (
        changed_config(f"{OPTION}.address", "1 per hour"),
        request_from("192.0.2.1"),
    ):
        first = as_user("", form.action, **data)
        again = {**data}
        again |= {"image_upload": upload()} if "image_upload" in data else {}
        assert as_user("", form.action, **again) == first


def test_no_partner_is_written_to_without_end(scene, request_from):
    """By those who record what it gives, and end it, over and over."""
    data = {
        "project": scene.project["id"],
        "area": "technology",
        "partner": partner("active")(scene).id,
    }
    owner = scene.named("owner")
    with (
        changed_config(f"{OPTION}.email", "1 per hour"),
        request_from("192.0.2.1"),
    ):
        support = as_user(owner, "digifarm_support_create", **data)
        as_user(owner, "digifarm_support_end", id=support["id"])
        with pytest.raises(LimitReached):
            as_user(owner, "digifarm_support_create", **data)


class TestChanges:
    """Of a proposal, as a reviewer has asked for them."""

    @pytest.fixture
    def asked(self, scene) -> dict[str, Any]:
        start = waiting_proposal("changes_requested")(scene)
        return {"token": start.token, "project": {"notes": "Viel mehr"}}

    def test_are_limited(self, asked, request_from, monkeypatch):
        wrong = {**asked, "project": {"stage": "wrong"}}
        monkeypatch.setattr(pictures, "content", fail)
        with (
            changed_config(f"{OPTION}.address", "1 per hour"),
            request_from("192.0.2.1"),
        ):
            with pytest.raises(tk.ValidationError, match="stage"):
                as_user("", "digifarm_proposal_update", **wrong)
            with pytest.raises(LimitReached):
                as_user(
                    "",
                    "digifarm_proposal_update",
                    **asked,
                    image_upload=upload(),
                )

    def test_are_looked_at_before_anything_is_locked(
        self, asked, request_from, monkeypatch
    ):
        def content(_: Any) -> bytes:
            assert locks_in(cost.sql) == []
            return b"\x89PNG\r\n\x1a\n"

        monkeypatch.setattr(pictures, "content", content)
        with request_from("192.0.2.1"), counting() as cost:
            as_user(
                "", "digifarm_proposal_update", **asked, image_upload=upload()
            )
        assert locks_in(cost.sql)


def test_datasets_are_looked_up_at_once(scene, request_from):
    data, _ = proposal(scene)
    del data["image_upload"]
    costs = []
    for count in (1, 10):
        data["datasets"] = [factories.Dataset()["name"] for _ in range(count)]
        model.Session.remove()
        with request_from("192.0.2.1"), counting() as cost:
            as_user("", "digifarm_proposal_submit", **data)
        costs.append(len(cost.sql))
    assert costs[0] == costs[1]
