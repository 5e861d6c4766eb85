"""The picture of a proposal, from the form to the page of the project."""

from __future__ import annotations

import io
from typing import Any

import ckantoolkit as tk
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from ckan.tests.helpers import changed_config

from .acting import as_user
from .proposing import (
    REVIEWERS,
    confirm,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    propose,
    token_of,
)

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


def upload(kind: str = "PNG", color: str = "seagreen") -> FileStorage:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 9), color).save(buffer, kind)
    buffer.seek(0)
    return FileStorage(buffer, f"picture.{kind.lower()}")


def files(tmp_path) -> list[bytes]:
    return [f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()]


def test_waits_in_the_row_until_it_is_confirmed(tmp_path):
    sent = upload()
    content = sent.stream.getvalue()
    proposal = propose(image_upload=sent, project={"image_alt": "Ein Weg"})
    assert proposal.picture == content
    assert files(tmp_path) == []
    proposal = confirm(proposal)
    assert proposal.picture is None
    assert files(tmp_path) == [content]
    extras = project_of(proposal).extras
    assert extras["image_url"].endswith(".png")
    assert extras["image_alt"] == "Ein Weg"


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

    def change(self, proposal, **data: Any) -> str:
        """The picture of a proposal that was changed."""
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(proposal),
            project={"notes": "Mehr"},
            **data,
        )
        return project_of(proposal).extras.get("image_url", "")

    def test_something_else_keeps_it(self, proposal, tmp_path):
        before = project_of(proposal).extras["image_url"]
        assert self.change(proposal) == before
        assert len(files(tmp_path)) == 1

    def test_it_for_another_one(self, proposal, tmp_path):
        another = upload("PNG", "navy")
        content = another.stream.getvalue()
        assert self.change(proposal, image_upload=another)
        assert files(tmp_path) == [content]

    def test_it_for_none(self, proposal, tmp_path):
        assert self.change(proposal, clear_upload=True) == ""
        assert files(tmp_path) == []

    def test_it_for_an_address(self, proposal):
        address = "https://pictures.example.org/a.png"
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(proposal),
            project={"image_url": address},
        )
        assert project_of(proposal).extras["image_url"] == address
