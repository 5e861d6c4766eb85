"""A chosen picture stays chosen until its form is without mistakes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from PIL import Image

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock, due_work, forms, rate_limits
from ckanext.digifarm.projects import due, kept_pictures, pictures
from ckanext.digifarm.projects.kept_pictures import KeptPicture
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_portal
from ..browsing import Browser, Form, html, read_form, text_of
from ..proposing import (
    CONDITIONS,
    PROJECT,
    REVIEWERS,
    SECRETS,
    create_people,
    empty_tables,
)
from ..uses import forget_uses

pytestmark = pytest.mark.usefixtures("shared_app")

PROPOSE = "/civic_project/propose"
NEW = "/civic_project/new"
FORM = "form.digifarm-form"

FILLED: dict[str, Any] = {
    **PROJECT,
    **SECRETS,
    "conditions": CONDITIONS,
    "consent": "true",
}

#: Three mistakes, of the schema, of the project and of the person.
MISTAKES: dict[str, Any] = {"title": "", "url": "!", "consent": None}

SECRET_PLACE = "Geheimer Ort"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def options(people, monkeypatch, tmp_path) -> Iterator[None]:
    empty_tables()
    forget_uses()
    model.Session.execute(sa.delete(KeptPicture))
    model.Session.commit()
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    with (
        changed_config("ckanext.digifarm.review_organization", REVIEWERS),
        changed_config("ckan.storage_path", str(tmp_path)),
    ):
        yield


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture
def editor(shared_app, people) -> Browser:
    return Browser(shared_app, model.User.get(people["project_editor"]).id)


def picture(color: str = "seagreen") -> tuple[io.BytesIO, str]:
    """A photo that says where it was taken, as a form sends it."""
    exif = Image.Exif()
    exif[0x010E] = SECRET_PLACE
    buffer = io.BytesIO()
    Image.new("RGB", (16, 9), color).save(buffer, "JPEG", exif=exif)
    assert SECRET_PLACE.encode() in buffer.getvalue()
    buffer.seek(0)
    return buffer, "Wiese im Mai.jpg"


def color_of(content: bytes) -> tuple[int, ...]:
    return Image.open(io.BytesIO(content)).convert("RGB").getpixel((3, 3))


def is_green(content: bytes) -> bool:
    red, green, _ = color_of(content)
    return green > red


def send(browser: Browser, form: Form, **changes: Any) -> Any:
    return browser.send(form.with_values(**changes))


def again(response: Any) -> Form:
    return read_form(response, FORM)


def errors(response: Any) -> str:
    return text_of(html(response).select_one("#errors"))


def kept() -> int:
    model.Session.rollback()
    return model.Session.query(KeptPicture).count()


def proposals() -> list[Proposal]:
    model.Session.rollback()
    return model.Session.query(Proposal).all()


def files(tmp_path) -> list[bytes]:
    return [f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()]


@pytest.fixture
def returned(visitor) -> Any:
    """The page of a proposal with a picture and three mistakes."""
    form = visitor.form(PROPOSE)
    return send(visitor, form, **FILLED | MISTAKES, image_upload=[picture()])


class TestProposal:
    def test_comes_to_its_end_with_the_picture(
        self, returned, visitor, tmp_path
    ):
        page = html(returned)
        assert len(page.select("#errors li")) == 3
        [image] = page.select("figure img")
        assert "Wiese im Mai.jpg" in text_of(page.select_one("figure"))
        assert page.select_one("details[open] figure")
        shown = visitor.get(image["src"])
        assert shown.mimetype == "image/jpeg"
        assert "no-store" in shown.headers["Cache-Control"]
        assert is_green(shown.data)
        assert SECRET_PLACE.encode() not in shown.data
        assert files(tmp_path) == []
        # One mistake is left.
        response = send(visitor, again(returned), title="Wiese", url="!")
        assert html(response).select_one("figure img")["src"] == image["src"]
        response = send(visitor, again(response), consent="true")
        assert "url" in again(response).values
        response = send(visitor, again(response), url="example.org")
        assert response.request.path == f"{PROPOSE}/sent"
        [proposal] = proposals()
        assert proposal.picture == shown.data
        assert proposal.payload["project"]["url"] == "https://example.org"
        assert files(tmp_path) == []

    def test_that_came_too_fast_keeps_it(self, visitor, monkeypatch):
        form = visitor.form(PROPOSE)
        monkeypatch.setattr(forms, "MIN_SECONDS", 60)
        response = send(visitor, form, **FILLED, image_upload=[picture()])
        assert "very fast" in errors(response)
        monkeypatch.setattr(forms, "MIN_SECONDS", 0)
        visitor.send(again(response))
        assert is_green(proposals()[0].picture)

    def test_that_comes_at_once_keeps_nothing(self, visitor):
        form = visitor.form(PROPOSE)
        send(visitor, form, **FILLED, image_upload=[picture()])
        assert is_green(proposals()[0].picture)
        assert kept() == 0

    def test_that_comes_twice_counts_once(self, returned, visitor):
        form = again(returned).with_values(
            title="Wiese", url="", consent="true", image_upload=None
        )
        for _ in range(2):
            visitor.send(form)
        assert len(proposals()) == 1

    def test_can_do_without_it(self, returned, visitor):
        response = send(visitor, again(returned), drop_picture="true")
        assert not html(response).select("figure")
        assert kept() == 0
        fixed = {"title": "Wiese", "url": "", "consent": "true"}
        send(visitor, again(response), **fixed)
        assert proposals()[0].picture is None

    def test_can_have_another_one(self, returned, visitor):
        response = send(
            visitor, again(returned), image_upload=[picture("crimson")]
        )
        fixed = {"title": "Wiese", "url": "", "consent": "true"}
        send(visitor, again(response), **fixed)
        assert not is_green(proposals()[0].picture)

    def test_says_with_all_else_that_it_is_no_picture(self, visitor):
        form = visitor.form(PROPOSE)
        file = (io.BytesIO(b"nothing to see"), "a.png")
        response = send(
            visitor, form, **FILLED | MISTAKES, image_upload=[file]
        )
        assert len(html(response).select("#errors li")) == 4
        assert "Must be a picture" in errors(response)
        assert html(response).select("[name=image_upload][aria-invalid]")
        assert kept() == 0

    def test_says_where_it_is_kept_no_longer(self, returned, visitor):
        form = again(returned).with_values(
            title="Wiese", url="", consent="true"
        )
        model.Session.execute(sa.delete(KeptPicture))
        model.Session.commit()
        response = visitor.send(form)
        assert "choose it once more" in errors(response)
        assert "kept_picture" not in again(response).values
        assert proposals() == []
        visitor.send(again(response))
        assert len(proposals()) == 1

    def test_says_where_too_many_were_sent(self, visitor):
        form = visitor.form(PROPOSE)
        with changed_config("ckanext.digifarm.limits.address", "1 per hour"):
            for _ in range(2):
                response = send(
                    visitor,
                    form,
                    **FILLED | MISTAKES,
                    image_upload=[picture()],
                )
        assert "choose it once more" in errors(response)
        assert "a bit much" in errors(response)
        assert len(html(response).select("#errors li")) == 4
        assert kept() == 1

    def test_keeps_it_where_somebody_sends_too_much(self, visitor):
        with changed_config("ckanext.digifarm.limits.address", "1 per hour"):
            send(visitor, visitor.form(PROPOSE), **FILLED)
            response = send(
                visitor,
                visitor.form(PROPOSE),
                **{**FILLED, "title": "Eine andere Wiese"},
                image_upload=[picture()],
            )
        assert response.status_code == 429
        assert html(response).select("figure img")


class TestEditors:
    def test_new_project_gets_it(self, editor, tmp_path):
        form = editor.form(NEW)
        response = send(editor, form, url="!", image_upload=[picture()])
        assert len(html(response).select("#errors li")) == 2
        assert files(tmp_path) == []
        response = send(
            editor, again(response), title="Wiese mit Bild", url=""
        )
        name = response.request.path.rpartition("/")[2]
        assert model.Package.get(name).extras["image_url"].endswith(".jpg")
        assert [is_green(content) for content in files(tmp_path)] == [True]
        as_portal("dataset_purge", id=name)

    def test_project_gets_it_instead_of_another_one(self, editor, tmp_path):
        form = editor.form(NEW)
        response = send(
            editor, form, title="Wiese zwei", image_upload=[picture("crimson")]
        )
        name = response.request.path.rpartition("/")[2]
        edit = f"/civic_project/edit/{name}"
        form = editor.form(edit)
        response = send(editor, form, url="!", image_upload=[picture()])
        page = html(response)
        assert page.select("figure img")
        assert not page.select("[alt='Current picture']")
        send(editor, again(response), url="")
        assert [is_green(content) for content in files(tmp_path)] == [True]
        # Who leaves the new one out keeps the old one.
        form = editor.form(edit)
        response = send(
            editor, form, url="!", image_upload=[picture("crimson")]
        )
        send(editor, again(response), url="", drop_picture="true")
        assert [is_green(content) for content in files(tmp_path)] == [True]
        as_portal("dataset_purge", id=name)


class TestSecrecy:
    def test_nobody_sees_it_without_its_token(self, returned, visitor):
        source = html(returned).select_one("figure img")["src"]
        stranger = visitor.stranger()
        assert stranger.get(source).status_code == 200
        where, _, token = source.rpartition("/")
        [row] = model.Session.query(KeptPicture)
        for guess in (row.id, token[:-1], token[:-2] + "aa", "x"):
            assert stranger.get(f"{where}/{guess}").status_code == 404

    def test_what_was_refused_is_not_stored_with_it(self, shared_app):
        factories.User(name="refused-user")
        model.User.get("refused-user").fullname = "Refused"
        kept_pictures.keep(b"a picture")
        model.Session.rollback()
        assert model.User.get("refused-user").fullname != "Refused"
        assert kept() == 1

    def test_takes_none_where_nobody_may_send_forms(self, visitor):
        with changed_config("ckanext.digifarm.review_organization", ""):
            response = visitor.post(
                "/api/action/digifarm_picture_keep",
                data={"image_upload": picture()},
                content_type="multipart/form-data",
            )
        assert response.status_code == 403
        assert kept() == 0


class TestTime:
    def test_runs_out_after_a_day(self, returned, visitor):
        source = html(returned).select_one("figure img")["src"]
        day = timedelta(days=kept_pictures.tokens.PICTURE_DAYS)
        with freeze_time(clock.now() + day - timedelta(minutes=5)):
            due_work.run(due.KINDS[0])
            assert visitor.get(source).status_code == 200
        with freeze_time(clock.now() + day + timedelta(hours=1, minutes=5)):
            assert visitor.get(source).status_code == 404
            assert kept() == 1
            assert due_work.run(due.KINDS[0])["done"] == 1
            assert kept() == 0

    def test_the_oldest_give_way(self, monkeypatch):
        monkeypatch.setattr(kept_pictures, "MOST", 3)
        tokens = []
        for n in range(5):
            with freeze_time(clock.now() - timedelta(hours=7 - n)):
                tokens.append(kept_pictures.keep(b"%d" % n))
        assert [kept_pictures.content(token) for token in tokens] == [
            None,
            None,
            b"2",
            b"3",
            b"4",
        ]

    def test_nobody_pushes_out_what_was_kept_just_now(self, monkeypatch):
        monkeypatch.setattr(kept_pictures, "MOST", 3)
        tokens = [kept_pictures.keep(b"%d" % n) for n in range(3)]
        with pytest.raises(tk.ValidationError):
            kept_pictures.keep(b"3")
        assert [kept_pictures.content(token) for token in tokens] == [
            b"0",
            b"1",
            b"2",
        ]


def test_is_counted_apart_from_forms(shared_app):
    with (
        changed_config("ckanext.digifarm.limits.address", "1 per hour"),
        shared_app.flask_app.test_request_context(),
    ):
        rate_limits.check("somebody", what=rate_limits.PICTURES)
        rate_limits.check("somebody")
        for what in (rate_limits.PICTURES, rate_limits.FORMS):
            with pytest.raises(rate_limits.LimitReached):
                rate_limits.check("somebody", what=what)


def test_is_written_anew_only_once():
    clean = pictures.content(
        pictures.FileStorage(picture()[0], "a.jpg", content_type="image/jpeg")
    )
    assert pictures.content(pictures.CleanPicture(clean, "a.jpg")) == clean
