"""Uploads are for one person and some days, and forgotten on request."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.activity.model import Activity
from ckanext.digifarm import privacy
from ckanext.digifarm.exchange import working
from ckanext.digifarm.exchange.model import Import, ImportRow
from ckanext.digifarm.exchange.privacy import delete_old
from ckanext.digifarm.lib import clock

from .. import proposing
from ..acting import as_user
from ..dumping import dump
from .uploading import (
    as_csv,
    as_xlsx,
    checked,
    create_people,
    forget,
    rows,
    upload,
    work,
)

HEAD = ["Titel", "Kurzbeschreibung", "Stand", "owner_org"]
KIM = "kim_privat@example.org"
NAMES = [*HEAD, "supporters_care"]


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.delete_packages()
    proposing.empty_tables()
    model.Session.query(Activity).delete()
    model.Session.commit()
    forget()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def me(people) -> str:
    return people["reviewer"]


def table(text: str) -> list[list[str]]:
    return [HEAD, ["Neu", text, "live", "tree-office"]]


def make_older(id_: str, days: int) -> None:
    row = model.Session.get(Import, id_)
    row.modified = clock.now() - datetime.timedelta(days=days)
    model.Session.commit()


def there() -> set[str]:
    model.Session.rollback()
    return {id_ for (id_,) in model.Session.query(Import.id)}


def into(user: str, id_: str, state: str) -> None:
    """Let an upload come to a state."""
    if state != "uploaded":
        work()
    if state in {"running", "done"}:
        as_user(user, "digifarm_import_confirm", id=id_)
    if state == "done":
        work()
    if state == "cancelled":
        as_user(user, "digifarm_import_cancel", id=id_)


class TestTime:
    @pytest.mark.parametrize(
        ("state", "days", "goes"),
        [
            ("uploaded", 6, False),
            ("uploaded", 8, True),
            ("checked", 6, False),
            ("checked", 8, True),
            ("running", 99, False),
            ("done", 29, False),
            ("done", 31, True),
            ("cancelled", 29, False),
            ("cancelled", 31, True),
        ],
    )
    def test_what_is_old_goes(self, state, days, goes, me):
        id_ = upload(me, table("Text"))
        into(me, id_, state)
        assert model.Session.get(Import, id_).state == state
        make_older(id_, days)
        assert delete_old() == goes
        model.Session.commit()
        assert there() == (set() if goes else {id_})
        if goes:
            assert model.Session.query(ImportRow).count() == 0

    def test_by_purge(self, me):
        make_older(upload(me, table("Text")), 8)
        assert privacy.purge()["imports"] == 1
        assert there() == set()

    @pytest.mark.parametrize("state", ["done", "cancelled"])
    def test_the_file_goes_at_once(self, state, me):
        id_ = upload(me, table(f"Fragen an {KIM}"))
        into(me, id_, state)
        model.Session.expire_all()
        assert model.Session.get(Import, id_).content == b""


class TestWhoUploaded:
    def test_reads_it(self, me, people):
        id_ = checked(me, table("Text"))
        address = model.User.get(me).email
        [found] = privacy.export(address)["import"]
        assert found["filename"] == "table.csv"
        assert (found["state"], found["rows"]) == ("checked", 1)
        text = json.dumps(found, default=str)
        assert id_ not in text
        other = model.User.get(people["other_reviewer"]).email
        assert privacy.export(other)["import"] == []

    def test_is_forgotten_with_it(self, me, people):
        mine = checked(me, table("Text"))
        theirs = checked(people["other_reviewer"], table("Text"))
        address = model.User.get(me).email
        assert privacy.erase(address, dry_run=True).counts["import"] == 1
        assert there() == {mine, theirs}
        assert privacy.erase(address).counts["import"] == 1
        assert there() == {theirs}

    def test_a_purged_account_takes_it_along(self, people):
        user = factories.User()
        row = Import(
            user_id=user["id"],
            filename="x.csv",
            content=b"x",
            digest="",
            language="en",
            notes=[],
            num_rows=1,
            state="checked",
        )
        model.Session.add(row)
        model.Session.commit()
        model.Session.delete(model.User.get(user["id"]))
        model.Session.commit()
        assert there() == set()


FILES = {
    "utf-8": as_csv,
    "windows": lambda rows: as_csv(rows).decode().encode("cp1252"),
    "utf-16": lambda rows: as_csv(rows).decode().encode("utf-16"),
    "excel": as_xlsx,
}


class TestWhoIsNamed:
    @pytest.mark.parametrize("kind", FILES)
    @pytest.mark.parametrize("state", ["uploaded", "checked"])
    def test_the_address_goes_with_the_file(self, state, kind, me):
        name = "liste.xlsx" if kind == "excel" else "liste.csv"
        content = FILES[kind](table(f"Grüße an {KIM.upper()}"))
        id_ = upload(me, content, name=name)
        into(me, id_, state)
        other = upload(me, table("Grüße an andere@example.org"))
        [told] = privacy.export(KIM)["mention"]
        assert told["where"].startswith(f"Uploaded table “{name}”")
        assert told["address"].endswith(f"/civic_project/import/{id_}")
        assert privacy.erase(KIM).counts["import"] == 1
        assert there() == {other}
        assert privacy.export(KIM)["mention"] == []

    def test_what_became_of_rows_is_covered(self, me):
        id_ = checked(me, [HEAD, [f"Neu {KIM}", "Text", "live", KIM]])
        as_user(me, "digifarm_import_confirm", id=id_)
        work()
        assert KIM in json.dumps(rows(me, id_))
        privacy.erase(KIM)
        model.Session.expire_all()
        assert there() == {id_}
        assert KIM not in json.dumps(rows(me, id_)).lower()
        assert KIM not in str(dump()).lower()

    def test_a_name_is_told_and_stays(self, me):
        id_ = upload(me, table("Dank an Kim Privat"))
        outcome = privacy.erase(KIM, names=["Kim Privat"])
        [place] = outcome.left
        assert place.what.startswith("Uploaded table “table.csv”")
        assert there() == {id_}
        privacy.erase(KIM, names=["Kim Privat"], cover_names=True)
        assert there() == set()

    def test_a_worker_goes_on_where_one_is_gone(self, me):
        upload(me, table(f"Grüße an {KIM}"))
        privacy.erase(KIM)
        assert working.run() == {}
