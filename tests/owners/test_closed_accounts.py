"""What is known of an account, and what is left of it once it is closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckanext.digifarm import privacy
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import jobs
from ckanext.digifarm.owners import privacy as owners_privacy

from ..acting import as_user
from ..conftest import ProjectFactory

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app")

NAME = "Kim Waldmann"


@pytest.fixture
def picture(ckan_config, monkeypatch, tmp_path) -> Path:
    directory = tmp_path / "storage" / "uploads" / "user"
    directory.mkdir(parents=True)
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    file = directory / f"{tmp_path.name}.png".replace("_", "-")
    file.write_bytes(b"picture")
    return file


@pytest.fixture
def user(picture):
    """Somebody who has a picture, a token, and follows things."""
    found = factories.User(fullname=NAME)
    model.User.get(found["id"]).image_url = picture.name
    model.Session.add(model.ApiToken(found["id"], "Laptop"))
    model.Session.commit()
    for kind, what in (
        ("dataset", ProjectFactory(title="Ein Baum")["id"]),
        ("group", factories.Group(title="Umwelt")["id"]),
        ("user", factories.User(name=f"warden-{found['name']}")["id"]),
    ):
        as_user(found["name"], f"follow_{kind}", id=what)
    return found


def follows(user_id: str) -> int:
    """How much an account follows."""
    return sum(
        model.Session.scalar(
            sa.select(sa.func.count()).where(table.follower_id == user_id)
        )
        for table in owners_privacy.FOLLOWING
    )


def test_all_that_ckan_knows_is_told(user, picture):
    [account] = privacy.export(user["email"])["account"]
    assert account["image_url"] == picture.name
    assert [token["name"] for token in account["api_tokens"]] == ["Laptop"]
    assert account["following"] == [
        "Ein Baum",
        "Umwelt",
        f"warden-{user['name']}",
    ]
    assert "last_active" in account


def test_asking_locks_nothing(user):
    privacy.export(user["email"])
    with model.ensure_engine().begin() as other:
        other.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        other.execute(
            sa.update(model.User)
            .where(model.User.id == user["id"])
            .values(about="Baumpatin")
        )


def test_picture_and_what_it_follows_go(user, picture):
    assert follows(user["id"]) == 3
    privacy.erase(user["email"], with_account=True)
    jobs.run()
    assert follows(user["id"]) == 0
    assert not picture.exists()


def test_a_picture_elsewhere_stays_elsewhere(user, picture):
    model.User.get(user["id"]).image_url = "https://example.org/kim.png"
    model.Session.commit()
    privacy.erase(user["email"], with_account=True)
    jobs.run()
    assert picture.exists()


def test_a_picture_that_somebody_else_has_stays(user, picture):
    other = model.User.get(factories.User()["id"])
    other.image_url = picture.name
    model.Session.commit()
    privacy.erase(user["email"], with_account=True)
    jobs.run()
    assert picture.exists()


def test_a_dry_run_leaves_the_picture(user, picture):
    privacy.erase(user["email"], with_account=True, dry_run=True)
    jobs.run()
    assert picture.exists()
    assert follows(user["id"]) == 3


def test_names_are_told_where_it_breaks_off(user, monkeypatch):
    """The next run may find them nowhere."""

    def fail(*args, **kwargs):
        raise RuntimeError("The disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(owners_privacy, "erase", fail)
        result = CliRunner().invoke(
            digifarm,
            ["privacy", "erase", user["email"], "--yes", "--name", "Kiwi K."],
        )
    assert isinstance(result.exception, privacy.Interrupted)
    assert "--name 'kim waldmann' --name 'kiwi k.'" in result.output
    assert (
        json.dumps(privacy.export(user["email"])["account"], default=str)
        != "[]"
    )
