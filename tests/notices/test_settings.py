"""People say what they are told: on their page, or by the link of a mail."""

from __future__ import annotations

import datetime
import re
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock, outbox, tokens
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.notices import links
from ckanext.digifarm.notices.kinds import KINDS
from ckanext.digifarm.notices.model import Notice, NoticeSettings

from ..acting import as_user, organization_of
from ..browsing import Browser, html, text_of
from ..outbox import empty_outbox, waiting_mails
from .news import LATER, URGENT, said, user

pytestmark = pytest.mark.usefixtures("shared_app", "nothing")

PAGE = "/dashboard/notifications"
SHOW = "digifarm_notice_settings_show"
UPDATE = "digifarm_notice_settings_update"


#: Kinds that concern the city's reviewers alone, and those of everybody.
REVIEW = {"address-long-dead", "import-far", "project-edited"}


def offered() -> list[str]:
    return [name for name in KINDS if name not in REVIEW]


def token_of(reader: model.User, kind: str = URGENT.name) -> str:
    return links.make(reader, kind)


def stored(reader: model.User) -> tuple[list[str], str] | None:
    """What is stored of the settings: kinds that are off, and the digest."""
    model.Session.rollback()
    found = model.Session.get(
        NoticeSettings, reader.id, populate_existing=True
    )
    return (found.off, found.digest) if found else None


class TestSettings:
    def test_are_all_on_and_weekly_at_first(self):
        found = as_user(user().name, SHOW)
        assert [kind["name"] for kind in found["kinds"]] == offered()
        assert all(kind["is_on"] for kind in found["kinds"])
        assert found["digest"] == "weekly"
        assert "mail" not in found

    def test_are_changed_one_by_one(self):
        reader = user()
        found = as_user(reader.name, UPDATE, off=[LATER.name])
        assert [k["name"] for k in found["kinds"] if not k["is_on"]] == [
            LATER.name
        ]
        assert found["digest"] == "weekly"
        found = as_user(reader.name, UPDATE, digest="daily")
        assert stored(reader) == ([LATER.name], "daily")
        as_user(reader.name, UPDATE, off=[])
        assert stored(reader) == ([], "daily")
        assert found["digest"] == "daily"

    def test_are_ones_own(self):
        mine, other = user(), user()
        as_user(mine.name, UPDATE, off=[LATER.name], user_id=other.id)
        assert stored(mine) == ([LATER.name], "weekly")
        assert stored(other) is None
        assert as_user(other.name, SHOW)["kinds"][0]["is_on"]

    @pytest.mark.parametrize("action", [SHOW, UPDATE, "digifarm_notice_list"])
    def test_are_nothing_for_nobody(self, action):
        with pytest.raises(tk.NotAuthorized):
            as_user("", action)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"off": ["nothing"]}, "off"),
            ({"off": {"a": "b"}}, "off"),
            ({"digest": "hourly"}, "digest"),
            ({"digest": ["daily"]}, "digest"),
            ({"turn_off": True}, "turn_off"),
        ],
    )
    def test_refuse_what_is_none(self, wrong, field):
        reader = user()
        with pytest.raises(tk.ValidationError) as raised:
            as_user(reader.name, UPDATE, **wrong)
        assert {*raised.value.error_dict} == {field}
        assert stored(reader) is None


class TestToken:
    def test_shows_what_its_mail_was_about_and_no_more(self):
        reader = user()
        found = as_user("", SHOW, token=token_of(reader))
        assert found["mail"] == {
            "name": URGENT.name,
            "label": "Data is gone",
            "is_on": True,
        }
        assert {*found} == {"kinds", "digest", "mail"}
        for words in (reader.name, reader.email, reader.fullname):
            assert words not in str(found)

    def test_changes_the_settings_of_its_reader(self):
        reader, other = user(), user()
        as_user(other.name, UPDATE, token=token_of(reader), off=[LATER.name])
        assert stored(reader) == ([LATER.name], "weekly")
        assert stored(other) is None

    def test_turns_off_its_kind_and_leaves_the_others(self):
        reader = user()
        as_user(reader.name, UPDATE, off=[LATER.name])
        for _ in "12":
            as_user("", UPDATE, token=token_of(reader), turn_off=True)
        assert stored(reader) == ([LATER.name, URGENT.name], "weekly")

    def test_of_a_digest_turns_that_off(self):
        reader = user()
        token = token_of(reader, links.DIGEST)
        found = as_user("", UPDATE, token=token, turn_off=True)
        assert found["mail"]["is_on"] is False
        assert stored(reader) == ([], "never")

    def test_is_no_way_to_the_notices(self):
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_notice_list", token=token_of(user()))

    @pytest.mark.parametrize(
        "purpose", [one for one in Purpose if one is not Purpose.NOTICES]
    )
    def test_for_something_else_is_none(self, purpose):
        reader = user()
        key = tokens.read(token_of(reader), Purpose.NOTICES)[1]
        other = tokens.make(purpose, reader.id, key)
        for action in (SHOW, UPDATE):
            with pytest.raises(tk.ValidationError) as raised:
                as_user(reader.name, action, token=other, turn_off=True)
            assert {*raised.value.error_dict} == {"token"}
        assert stored(reader) is None

    def test_is_none_for_something_else(self, shared_app):
        token = token_of(user())
        for page in ("/civic_project/support/link", "/partner/contact/link"):
            assert Browser(shared_app).get(f"{page}/{token}").status_code in {
                404,
                410,
            }

    @pytest.mark.parametrize("reason", ["deleted", "address", "gone"])
    def test_ends_with_the_address_and_the_account(self, reason):
        reader = user()
        token = token_of(reader)
        if reason == "deleted":
            reader.state = "deleted"
        elif reason == "address":
            reader.email = "other@example.org"
        else:
            model.Session.delete(reader)
        model.Session.commit()
        with pytest.raises(tk.ValidationError):
            as_user("", UPDATE, token=token, turn_off=True)
        assert model.Session.query(NoticeSettings).count() == 0

    def test_names_the_kind_under_seal(self):
        """Nobody makes one of another kind, or for somebody else."""
        reader, other = user(), user()
        key = tokens.read(token_of(reader), Purpose.NOTICES)[1]
        forged = tokens.make(Purpose.NOTICES, other.id, key)
        with pytest.raises(tk.ValidationError):
            as_user("", UPDATE, token=forged, turn_off=True)


class TestMail:
    def test_holds_what_turns_it_off(self, server):
        reader = user()
        said(URGENT, reader)
        [mail] = waiting_mails()
        assert f"http://test.ckan.net{PAGE}/link/" in mail.body
        outbox.send_due()
        [message] = server.messages
        assert message["List-Unsubscribe-Post"] == (
            "List-Unsubscribe=One-Click"
        )
        address = str(message["List-Unsubscribe"])
        assert address == f"<{mail.unsubscribe}>"
        assert f"List-Unsubscribe: {address}\r\n".encode() in server.raw[0]
        token = address.strip("<>").rpartition("/")[2]
        assert links.read(token).user.id == reader.id
        assert links.read(token).kind == URGENT.name

    def test_that_always_comes_holds_nothing_of_it(self, server):
        outbox.write(
            "notices/emails/notice",
            outbox.Recipient("kim@example.org", "", "en"),
            subject_id="",
        )
        model.Session.commit()
        outbox.send_due()
        assert server.messages[0]["List-Unsubscribe"] is None
        assert server.messages[0]["List-Unsubscribe-Post"] is None


class TestOneClick:
    @pytest.fixture
    def reader(self) -> model.User:
        return user()

    @pytest.fixture
    def address(self, reader) -> str:
        said(URGENT, reader)
        [mail] = waiting_mails()
        return mail.unsubscribe.removeprefix("http://test.ckan.net")

    def test_is_a_post_and_nothing_else(self, address, reader, shared_app):
        """As RFC 8058 says: no cookies, no token of a form."""
        with changed_config("WTF_CSRF_ENABLED", True):
            response = Browser(shared_app).post(
                address, data={"List-Unsubscribe": "One-Click"}
            )
        assert response.status_code == 200
        assert "You get no more mails of this kind" in response.body
        assert stored(reader) == ([URGENT.name], "weekly")
        empty_outbox()
        assert said(URGENT, reader, key="b") == 1
        assert waiting_mails() == []

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_is_no_get(self, method, address, reader, shared_app):
        response = Browser(shared_app).open(address, method=method)
        assert response.status_code == 200
        assert stored(reader) is None

    def test_shows_a_button_to_who_opens_it(self, address, reader, shared_app):
        browser = Browser(shared_app)
        form = browser.form(address, "#turn-off")
        assert form.action.endswith(address)
        assert "no more mails" in browser.send(form).body
        assert stored(reader) == ([URGENT.name], "weekly")

    def test_only_of_a_link_that_is_good(self, shared_app):
        response = Browser(shared_app).post(f"{PAGE}/off/nothing")
        assert response.status_code == 410
        assert model.Session.query(NoticeSettings).count() == 0

    @pytest.mark.parametrize("page", ["", "/link/{token}"])
    def test_is_the_only_form_that_needs_no_token(
        self, page, reader, shared_app
    ):
        path = PAGE + page.format(token=token_of(reader))
        browser = Browser(shared_app, reader.id)
        browser.get(path)
        response = browser.post(path, data={"digest": "never"})
        assert response.status_code == 400
        assert stored(reader) is None

    def test_is_read_by_nobody_else(self, address, shared_app):
        response = Browser(shared_app).get(address)
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["X-Robots-Tag"] == "noindex"


class TestPage:
    def test_leads_to_the_login(self, shared_app):
        response = Browser(shared_app).get(PAGE, follow_redirects=False)
        assert response.status_code == 302
        assert "/user/login" in response.headers["Location"]

    def test_shows_what_waits_with_its_step(self, shared_app):
        reader = user()
        model.Session.add(
            Waiting(
                user_id=reader.id,
                subject="support",
                subject_id="a",
                state="offered",
            )
        )
        model.Session.commit()
        page = html(Browser(shared_app, reader.id).get(PAGE))
        [link] = page.select("#waiting li a")
        assert text_of(link) == "1 offer of support"
        assert link["href"] == "/dashboard/support"

    def test_shows_what_was_told_with_its_steps(self, shared_app):
        reader, other = user(), user()
        said(LATER, reader, key="a", title="Alt <b>")
        said(URGENT, reader, key="b", title="Neu")
        said(LATER, other, key="c", title="Fremd")
        page = html(Browser(shared_app, reader.id).get(PAGE))
        told = [text_of(item) for item in page.select("#told li")]
        assert len(told) == 2
        assert told[0].startswith("“Neu” is gone It was deleted.")
        assert told[1].startswith("“Alt <b>” is new")
        assert [a["href"] for a in page.select("#told a")] == [
            "https://example.org/a",
            "https://example.org/b",
        ]
        assert "Fremd" not in page.get_text()

    def test_is_paged(self, shared_app):
        reader = user()
        for number in range(25):
            said(LATER, reader, key=str(number), title=f"Nr. {number}")
        browser = Browser(shared_app, reader.id)
        first = html(browser.get(PAGE)).select("#told li.mb-3")
        second = html(browser.get(f"{PAGE}?page=2")).select("#told li.mb-3")
        assert (len(first), len(second)) == (20, 5)
        assert "Nr. 24" in text_of(first[0])

    def test_names_nothing_that_its_reader_may_not_read_any_more(
        self, shared_app
    ):
        reader = user()
        about = factories.Dataset()["id"]
        said(LATER, reader, title="Geheim", package_ids=[about])
        found = as_user(reader.name, "digifarm_notice_list")
        assert (found["count"], len(found["results"])) == (1, 1)
        model.Package.get(about).private = True
        model.Session.commit()
        found = as_user(reader.name, "digifarm_notice_list")
        assert (found["count"], found["results"]) == (1, [])
        assert "Geheim" not in Browser(shared_app, reader.id).get(PAGE).body

    def test_of_a_kind_that_is_no_more_is_left_out(self):
        reader = user()
        said(LATER, reader)
        model.Session.query(Notice).update({"kind": "gone"})
        model.Session.commit()
        found = as_user(reader.name, "digifarm_notice_list")
        assert found["results"] == []

    def test_lets_kinds_be_turned_off(self, shared_app):
        reader = user()
        browser = Browser(shared_app, reader.id)
        form = browser.form(PAGE, "#settings")
        assert form.values["on"] == offered()
        rest = [name for name in offered() if name != URGENT.name]
        response = browser.send(form.with_values(on=rest, digest="never"))
        assert "Saved" in response.body
        assert stored(reader) == ([URGENT.name], "never")
        form = browser.form(PAGE, "#settings")
        assert (form.values["on"], form["digest"]) == (rest, "never")
        browser.send(form.with_values(on=None))
        assert stored(reader) == (offered(), "never")

    def test_offers_the_kinds_of_reviewers_to_reviewers(self, shared_app):
        """What somebody has turned off as a reviewer stays so."""
        reader = user()
        office = organization_of(editor=[reader.name])
        name = model.Group.get(office).name
        option = "ckanext.digifarm.review_organization"
        browser = Browser(shared_app, reader.id)
        with changed_config(option, name):
            form = browser.form(PAGE, "#settings")
            assert form.values["on"] == [*KINDS]
            rest = [name for name in KINDS if name != "project-edited"]
            browser.send(form.with_values(on=rest))
        form = browser.form(PAGE, "#settings")
        assert form.values["on"] == offered()
        rest = [name for name in offered() if name != URGENT.name]
        browser.send(form.with_values(on=rest))
        found, _ = stored(reader) or ([], "")
        assert {*found} == {URGENT.name, "project-edited"}

    def test_says_when_it_was_told(self, shared_app):
        """Of today the time, by the clock of the portal."""
        reader = user()
        said(LATER, reader, key="a")
        said(LATER, reader, key="b")
        old, new = model.Session.query(Notice).order_by(Notice.key)
        noon = clock.now().replace(hour=12, minute=5, second=0, microsecond=0)
        old.created, new.created = noon - datetime.timedelta(days=40), noon
        model.Session.commit()
        browser = Browser(shared_app, reader.id)
        with changed_config("ckan.display_timezone", "UTC"):
            page = html(browser.get(PAGE))
        first, second = page.select("#told time")
        assert text_of(first) == "today, 12:05"
        assert first["datetime"] == f"{noon.isoformat()}+00:00"
        assert "12:05" not in text_of(second)
        assert str(old.created.year) in text_of(second)

    def test_says_what_is_wrong(self, shared_app):
        browser = Browser(shared_app, user().id)
        form = browser.form(PAGE, "#settings")
        response = browser.send(form.with_values(digest="hourly"))
        assert "Nothing was saved yet" in response.body
        assert model.Session.query(NoticeSettings).count() == 0

    def test_is_linked_from_the_dashboard(self, shared_app):
        browser = Browser(shared_app, user().id)
        for path in ("/dashboard/datasets", "/dashboard/projects"):
            page = html(browser.get(path))
            assert page.select(f'a[href="{PAGE}"]'), path


class TestPageByLink:
    def test_shows_no_name_and_no_notice(self, shared_app):
        reader = user(fullname="Kim Beispiel")
        said(URGENT, reader, title="Geheim")
        response = Browser(shared_app).get(f"{PAGE}/link/{token_of(reader)}")
        assert response.status_code == 200
        for words in ("Kim Beispiel", reader.name, reader.email, "Geheim"):
            assert words not in response.body

    def test_changes_without_logging_in(self, shared_app):
        reader = user()
        browser = Browser(shared_app)
        form = browser.form(f"{PAGE}/link/{token_of(reader)}", "#settings")
        response = browser.send(form.with_values(digest="daily"))
        assert "Saved" in response.body
        assert stored(reader) == ([], "daily")

    def test_turns_off_its_kind_by_one_button(self, shared_app):
        reader = user()
        browser = Browser(shared_app)
        page = f"{PAGE}/link/{token_of(reader, links.DIGEST)}"
        response = browser.send(browser.form(page, "#turn-off"))
        assert "no more mails with all news" in response.body
        assert stored(reader) == ([], "never")
        assert not html(browser.get(page)).select("#turn-off")

    def test_of_no_use_says_so(self, shared_app):
        response = Browser(shared_app).get(f"{PAGE}/link/nothing")
        assert response.status_code == 410

    def test_says_what_is_wrong(self, shared_app):
        browser = Browser(shared_app)
        form = browser.form(f"{PAGE}/link/{token_of(user())}", "#settings")
        response = browser.send(form.with_values(digest="hourly"))
        assert "Nothing was saved yet" in response.body

    def test_shows_that_somebody_elses_login_does_not_count(self, shared_app):
        reader, other = user(), user()
        browser = Browser(shared_app, other.id)
        form = browser.form(f"{PAGE}/link/{token_of(reader)}", "#settings")
        browser.send(form.with_values(digest="never"))
        assert stored(reader) == ([], "never")
        assert stored(other) is None


def test_addresses_in_mails_are_of_the_language_and_short_enough():
    """A line of a mail has at most 998 characters."""
    address: Any = links.off(token_of(user(), "a" * 30))
    assert len(address) < 400
    assert re.fullmatch(r"[!-~]+", address)
