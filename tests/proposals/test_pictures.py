"""The picture of a proposal, from the form to the page of the project."""

from __future__ import annotations

import io
from typing import Any
from unittest import mock

import ckantoolkit as tk
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.model.types import make_uuid
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import workflow
from ckanext.digifarm.lib.rate_limits import LimitReached
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.projects import pictures

from ..acting import as_portal, as_user
from ..browsing import Browser, html
from ..proposing import (
    REVIEWERS,
    confirm,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    propose,
    put_into,
    token_of,
)
from ..uses import forget_uses
from ..working import forget_jobs, work

pytestmark = pytest.mark.usefixtures("shared_portal")


@pytest.fixture(scope="module")
def roles(shared_portal):
    return create_people()


@pytest.fixture(autouse=True)
def _empty(roles, tmp_path):
    with (
        changed_config("ckanext.digifarm.review_organization", REVIEWERS),
        changed_config("ckan.storage_path", str(tmp_path)),
    ):
        empty_tables()
        yield


ADDRESS = "https://pictures.example.org/a.png"


def upload(kind: str = "PNG", color: str = "seagreen") -> FileStorage:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 9), color).save(buffer, kind)
    buffer.seek(0)
    return FileStorage(buffer, f"picture.{kind.lower()}")


def files(tmp_path) -> list[bytes]:
    return [f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()]


def test_waits_in_the_row_until_it_is_approved(tmp_path):
    proposal = propose(
        image_upload=upload(),
        project={"image_alt": "Ein Weg", "image_url": ADDRESS},
    )
    content = proposal.picture
    proposal = confirm(proposal)
    assert proposal.picture == content
    assert not project_of(proposal).extras.get("image_url")
    assert files(tmp_path) == []
    proposal = put_into(proposal, "approved")
    assert proposal.picture is None
    assert files(tmp_path) == [content]
    extras = project_of(proposal).extras
    assert extras["image_url"].endswith(".png")
    assert extras["image_alt"] == "Ein Weg"
    project = as_user("", "package_show", id=proposal.project_id)
    assert project["image_url"] == extras["image_url"]


@pytest.mark.parametrize("state", ["declined", "withdrawn"])
def test_goes_with_what_nobody_wants(state, tmp_path):
    proposal = put_into(pending(image_upload=upload()), state)
    assert proposal.picture is None
    assert files(tmp_path) == []


def test_stays_secret_where_the_approval_fails(tmp_path):
    proposal = pending(image_upload=upload())
    with (
        mock.patch.object(workflow, "commit", side_effect=OSError("down")),
        pytest.raises(OSError, match="down"),
    ):
        put_into(proposal, "approved")
    assert get(proposal.id).picture
    assert files(tmp_path) == []


def test_is_not_that_of_the_project_where_a_reviewer_gave_another(tmp_path):
    proposal = pending(image_upload=upload())
    as_portal("package_patch", id=proposal.project_id, image_url=ADDRESS)
    proposal = put_into(proposal, "approved")
    assert proposal.picture is None
    assert project_of(proposal).extras["image_url"] == ADDRESS
    assert files(tmp_path) == []


class TestSeeing:
    @pytest.fixture
    def proposal(self, roles):
        return pending(roles["proposer"], image_upload=upload())

    @pytest.mark.parametrize("role", ["proposer", "reviewer", "sysadmin"])
    def test_it_with_an_account(self, role, roles, proposal, shared_app):
        user = model.User.get(roles[role])
        browser = Browser(shared_app, user.id)
        page = "review" if role != "proposer" else "propose/read"
        path = f"/civic_project/propose/picture/{proposal.id}"
        shown = browser.get(f"/civic_project/{page}/{proposal.id}")
        assert html(shown).select_one("img.digifarm-hero")["src"] == path
        assert as_user(roles[role], "digifarm_proposal_show", id=proposal.id)[
            "has_picture"
        ]
        response = browser.get(path)
        assert response.data == get(proposal.id).picture
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert (
            response.headers["Content-Security-Policy"] == "default-src 'none'"
        )
        assert "private" in response.headers["Cache-Control"]

    def test_it_by_the_link(self, proposal, shared_app):
        path = f"/civic_project/propose/link/{token_of(proposal)}"
        page = html(shared_app.get(path))
        assert page.select_one("img.digifarm-hero")["src"] == f"{path}/picture"
        response = shared_app.get(f"{path}/picture")
        assert response.data == get(proposal.id).picture
        assert shared_app.get(f"{path}x/picture").status_code == 404

    def test_it_before_it_is_confirmed(self, shared_app):
        proposal = propose(image_upload=upload())
        token = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
        page = html(shared_app.get(f"/civic_project/propose/confirm/{token}"))
        path = f"/civic_project/propose/link/{token}/picture"
        assert page.select_one("img.digifarm-hero")["src"] == path
        assert shared_app.get(path).data == get(proposal.id).picture
        confirm(get(proposal.id))
        token = token_of(get(proposal.id), Purpose.PROPOSAL_CONFIRM)
        path = f"/civic_project/propose/link/{token}/picture"
        assert shared_app.get(path, status=404).status_code == 404

    @pytest.mark.parametrize("role", ["other", "review_member", "anonymous"])
    def test_it_is_not_for_others(self, role, roles, proposal, shared_app):
        user = model.User.get(roles[role])
        client = Browser(shared_app, user.id) if user else shared_app
        path = f"/civic_project/propose/picture/{proposal.id}"
        if user:
            assert client.get(path, status=403).status_code == 403
        else:
            # The login comes first.
            response = client.get(path)
            assert response.request.path == "/user/login"
        with pytest.raises(tk.NotAuthorized):
            as_user(roles[role], "digifarm_proposal_picture", id=proposal.id)

    def test_nothing_where_there_is_none(self, roles, shared_app):
        proposal = pending(roles["proposer"])
        shown = as_user(
            roles["proposer"], "digifarm_proposal_show", id=proposal.id
        )
        assert not shown["has_picture"]
        browser = Browser(shared_app, model.User.get(roles["proposer"]).id)
        path = f"/civic_project/propose/picture/{proposal.id}"
        assert browser.get(path, status=404).status_code == 404
        page = browser.get(f"/civic_project/propose/read/{proposal.id}")
        assert not html(page).select("img.digifarm-hero")


def test_is_unpacked_only_where_all_else_is_fine(shared_app):
    """It takes time and memory, and is counted against the limit."""
    forget_uses()
    with (
        mock.patch.object(pictures, "content", return_value=b"!") as unpacked,
        changed_config("ckanext.digifarm.limits.address", "1 per hour"),
        shared_app.flask_app.test_request_context(),
    ):
        who = {"proposer_email": f"{make_uuid()}@example.org"}
        for wrong in (
            {"datasets": ["nothing"]},
            {"project": {"source_license": "proprietary"}},
        ):
            with pytest.raises(tk.ValidationError):
                propose(image_upload=upload(), **who, **wrong)
        assert unpacked.call_count == 0
        propose(image_upload=upload(), **who)
        with pytest.raises(LimitReached):
            propose(image_upload=upload(), **who)
        assert unpacked.call_count == 1


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (upload("GIF"), "Must be a picture of one of these types"),
        (FileStorage(io.BytesIO(b"<svg/>"), "a.png"), "Must be a picture"),
        ("a.png", "Must be an uploaded file"),
    ],
)
def test_what_is_none_is_refused(sent, message):
    with pytest.raises(tk.ValidationError) as error:
        propose(image_upload=sent)
    [said] = error.value.error_dict["image_upload"]
    assert message in said


def test_a_form_without_a_picture_sends_an_empty_file():
    assert propose(image_upload=FileStorage()).picture is None


class TestChanging:
    @pytest.fixture
    def proposal(self, roles):
        proposal = pending(image_upload=upload())
        as_user(
            roles["reviewer"],
            "digifarm_proposal_request_changes",
            id=proposal.id,
            reason="Bitte mehr",
        )
        return get(proposal.id)

    def change(self, proposal, **data: Any) -> bytes | None:
        """The picture of a proposal that was changed."""
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(proposal),
            project={"notes": "Mehr"},
            **data,
        )
        assert not project_of(proposal).extras.get("image_url")
        return get(proposal.id).picture

    def test_something_else_keeps_it(self, proposal, tmp_path):
        before = proposal.picture
        assert before
        assert self.change(proposal) == before
        assert files(tmp_path) == []

    def test_it_for_another_one(self, proposal, tmp_path):
        before = proposal.picture
        after = self.change(proposal, image_upload=upload("PNG", "navy"))
        assert after not in {None, before}
        assert files(tmp_path) == []

    def test_that_of_a_reviewer_for_another_one(self, proposal, tmp_path):
        forget_jobs()
        as_portal(
            "package_patch", id=proposal.project_id, image_upload=upload()
        )
        assert len(files(tmp_path)) == 1
        assert self.change(proposal, image_upload=upload())
        work()
        assert files(tmp_path) == []

    def test_it_in_the_form(self, proposal, shared_app):
        path = f"/civic_project/propose/link/{token_of(proposal)}"
        page = html(shared_app.get(f"{path}/edit"))
        assert page.select_one("img.img-thumbnail")["src"] == f"{path}/picture"
        assert page.select("#field-clear_upload")

    def test_it_for_none(self, proposal, tmp_path):
        assert self.change(proposal, clear_upload=True) is None
        assert files(tmp_path) == []

    def test_it_for_an_address(self, proposal):
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(proposal),
            project={"image_url": ADDRESS},
        )
        assert project_of(proposal).extras["image_url"] == ADDRESS
        assert get(proposal.id).picture is None
