"""Pictures elsewhere on the web become the portal's own."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import clock, fetch, jobs
from ckanext.digifarm.projects import pictures, web_pictures

from ..acting import as_portal
from ..browsing import html
from .test_pictures import PNG

pytestmark = pytest.mark.usefixtures("shared_app")

ADDRESS = "https://pictures.example.org/a.png"


class Web:
    """What is elsewhere, instead of the web."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {ADDRESS: PNG}
        self.asked: list[str] = []
        self.meanwhile: Any = None
        self.answers = True

    def get(self, url: str, limit: int) -> bytes:
        """As `fetch.get`."""
        self.asked.append(url)
        if self.meanwhile:
            self.meanwhile()
        if not self.answers:
            raise fetch.FetchError("503")
        if url not in self.content:
            raise fetch.NothingThereError("404")
        return self.content[url]


@pytest.fixture(autouse=True)
def web(monkeypatch, ckan_config, tmp_path) -> Web:
    (tmp_path / "storage" / "uploads" / "civic_project").mkdir(parents=True)
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    monkeypatch.setitem(ckan_config, "ckan.uploads_enabled", True)
    web = Web()
    monkeypatch.setattr(fetch, "get", web.get)
    return web


@pytest.fixture(scope="module")
def organization(shared_app) -> str:
    return factories.Organization()["id"]


def project(organization: str, **values: Any) -> dict[str, Any]:
    fields = {"image_url": ADDRESS, **values}
    return factories.Dataset(
        type="civic_project", owner_org=organization, **fields
    )


def stored(project: dict[str, Any]) -> str:
    """What the database has of a project's picture."""
    model.Session.expire_all()
    return model.Package.get(project["id"]).extras.get("image_url", "")


def files(tmp_path: Any) -> list[str]:
    return sorted(path.name for path in (tmp_path / "storage").rglob("*.png"))


def test_it_is_loaded_once(organization, web, tmp_path, app):
    made = project(organization)
    assert made["image_url"] == ADDRESS
    jobs.run()

    name = stored(made)
    assert files(tmp_path) == [name]
    assert web.asked == [ADDRESS]
    assert as_portal("package_show", id=made["id"])["image_url"] == name
    found = as_portal(
        "package_search", fq=f"id:{made['id']} +dataset_type:civic_project"
    )
    assert [p["image_url"] for p in found["results"]] == [name]
    page = html(app.get(f"/civic_project/{made['name']}"))
    shown = [image["src"] for image in page.select("img.digifarm-hero")]
    assert [src.rpartition("/")[2] for src in shown] == [name]
    as_portal("package_patch", id=made["id"], notes="Anders")
    jobs.run()
    assert (stored(made), web.asked) == (name, [ADDRESS])


def test_until_then_no_browser_is_sent_there(organization, app):
    made = project(organization)

    assert pictures.address(ADDRESS) == ""
    for path in (f"/civic_project/{made['name']}", "/civic_project/"):
        assert "pictures.example.org" not in app.get(path).body


@pytest.mark.parametrize("content", [None, b"<svg/>", b"", b"GIF89a"])
def test_what_is_no_picture_stays_an_address(
    content, organization, web, tmp_path
):
    web.content = {} if content is None else {ADDRESS: content}
    made = project(organization)
    counts = jobs.run()

    # It is not tried for ever.
    assert counts["failed"] == 0
    assert jobs.waiting(web_pictures.LOAD) == set()
    assert (stored(made), files(tmp_path)) == (ADDRESS, [])
    web.content = {ADDRESS: PNG}
    as_portal("package_patch", id=made["id"], notes="Noch einmal")
    jobs.run()
    assert files(tmp_path) == [stored(made)]


def test_a_server_that_does_not_answer_is_asked_again(
    organization, web, tmp_path
):
    web.answers = False
    made = project(organization)
    assert jobs.run()["failed"] == 1
    assert jobs.waiting(web_pictures.LOAD) == {made["id"]}
    for _ in range(web_pictures.MOST_ATTEMPTS):
        model.Session.query(jobs.Job).update({"due": clock.days_ago(1)})
        model.Session.commit()
        jobs.run()

    # Then nobody goes on, until somebody saves the project.
    assert jobs.waiting(web_pictures.LOAD) == set()
    assert len(web.asked) == web_pictures.MOST_ATTEMPTS + 1
    web.answers = True
    as_portal("package_patch", id=made["id"], notes="Noch einmal")
    jobs.run()
    assert files(tmp_path) == [stored(made)]


def test_what_is_not_public_is_not_loaded(organization, web, tmp_path):
    """Else anybody could fill the portal by a proposal."""
    made = project(organization, private=True)
    jobs.run()
    assert (stored(made), web.asked) == (ADDRESS, [])
    as_portal("package_patch", id=made["id"], private=False)
    jobs.run()

    assert files(tmp_path) == [stored(made)]


def test_pictures_of_this_portal_are_shown_as_they_are(organization, web):
    own = f"{tk.config['ckan.site_url']}/base/images/logo.png"
    made = project(organization, image_url=own)
    jobs.run()

    assert (stored(made), web.asked) == (own, [])
    assert pictures.address(own) == own
    near = tk.config["ckan.site_url"] + ".example.org/a.png"
    assert pictures.address(near) == ""


def test_a_picture_that_came_meanwhile_stays(organization, web, tmp_path):
    made = project(organization)
    other = "https://pictures.example.org/b.png"

    def change() -> None:
        web.meanwhile = None
        as_portal("package_patch", id=made["id"], image_url=other)

    web.meanwhile = change
    web.content[other] = PNG
    jobs.run()

    assert web.asked == [ADDRESS, other]
    assert files(tmp_path) == [stored(made)]


def test_a_project_that_goes_meanwhile_leaves_no_file(
    organization, web, tmp_path
):
    made = project(organization)
    web.meanwhile = lambda: as_portal("dataset_purge", id=made["id"])
    counts = jobs.run()

    assert counts["failed"] == 0
    assert files(tmp_path) == []


def test_editors_are_told_that_it_is_not_loaded(organization, web, app):
    web.content = {}
    made = project(organization)
    jobs.run()
    sysadmin = factories.SysadminWithToken()
    page = html(
        app.get(
            f"/civic_project/edit/{made['name']}",
            headers={"Authorization": sysadmin["token"]},
        )
    )

    assert page.select_one("#field-image_address")["value"] == ADDRESS
    said = page.select_one("#field-image_address-help").get_text()
    assert "It is not loaded yet, or could not be." in said
