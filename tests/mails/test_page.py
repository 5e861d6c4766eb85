"""Sysadmins see which mails could not be sent."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock, outbox
from ckanext.digifarm.lib.mail import Mail, MailState

from ..acting import as_user
from ..browsing import Browser, html, read_form, text_of
from ..working import forget_jobs

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing")

PATH = "/ckan-admin/digifarm-mails/"
SCRIPT = "<script>alert(1)</script>"
ROLES = ("editor", "admin", "other")


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    model.Session.query(Mail).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, dict[str, Any]]:
    """Users, by what they are in an organisation."""
    found = {role: factories.User() for role in ROLES}
    factories.Organization(
        users=[
            {"name": found[role]["name"], "capacity": role}
            for role in ("editor", "admin")
        ]
    )
    return {**found, "sysadmin": factories.Sysadmin()}


@pytest.fixture
def given_up() -> str:
    """The id of a mail that nobody tries to send any more."""
    return write("Aufgegeben", MailState.GIVEN_UP)


@pytest.fixture
def sysadmin(shared_app, people) -> Browser:
    return Browser(shared_app, people["sysadmin"]["id"])


def write(subject: str, state: MailState, **changes: Any) -> str:
    values = {
        "recipient_email": "kim@example.org",
        "language": "de",
        "body": "Geheimer Inhalt",
        "body_html": "",
        "attempts": 10,
        "error": "SMTPRecipientsRefused: kim@example.org: unknown",
    }
    made = Mail(subject=subject, state=state.value, **{**values, **changes})
    model.Session.add(made)
    model.Session.commit()
    return made.id


def stored(id_: str) -> Mail | None:
    model.Session.rollback()
    return model.Session.get(Mail, id_)


class TestActions:
    ACTIONS = ("list", "retry", "delete")

    @pytest.mark.parametrize("action", ACTIONS)
    @pytest.mark.parametrize("role", [*ROLES, "anonymous"])
    def test_are_for_sysadmins(self, role, action, people, given_up):
        user = people[role]["name"] if role in people else ""
        with pytest.raises(tk.NotAuthorized):
            as_user(user, f"digifarm_mail_{action}", id=given_up)
        mail = stored(given_up)
        assert mail
        assert (mail.state, mail.attempts) == ("given_up", 10)

    def test_list_what_was_given_up_the_newest_first(self, people):
        for number, age in enumerate((3, 1, 2)):
            write(str(number), MailState.GIVEN_UP, created=clock.days_ago(age))
        write("waits", MailState.WAITING)
        user = people["sysadmin"]["name"]
        listed = as_user(user, "digifarm_mail_list")
        assert [mail["subject"] for mail in listed] == ["1", "2", "0"]
        assert set(listed[0]) == {
            "id",
            "recipient_email",
            "subject",
            "created",
            "attempts",
            "error",
        }

    @pytest.mark.parametrize("action", ["retry", "delete"])
    @pytest.mark.parametrize(
        ("id_", "error"),
        [
            ("nothing", tk.ObjectNotFound),
            ("", tk.ValidationError),
            (None, tk.ValidationError),
            (["a"], tk.ValidationError),
            ("\x00", tk.ValidationError),
        ],
    )
    def test_refuse_what_is_no_mail(self, id_, error, action):
        with pytest.raises(error):
            call_action(f"digifarm_mail_{action}", id=id_)

    @pytest.mark.parametrize("action", ["retry", "delete"])
    def test_leave_alone_what_waits(self, action):
        """A worker may be sending it at this moment."""
        waiting = write("waits", MailState.WAITING, attempts=3)
        with pytest.raises(tk.ObjectNotFound):
            call_action(f"digifarm_mail_{action}", id=waiting)
        model.Session.rollback()
        mail = stored(waiting)
        assert mail
        assert mail.attempts == 3

    def test_of_writing_are_not_called_by_get(self, sysadmin, given_up):
        for action in ("retry", "delete"):
            path = f"/api/3/action/digifarm_mail_{action}?id={given_up}"
            assert sysadmin.get(path).status_code == 400
        mail = stored(given_up)
        assert mail
        assert mail.state == "given_up"

    def test_a_retried_mail_is_sent(self, given_up, mail_server):
        forget_jobs()
        assert outbox.send_due()["done"] == 0
        call_action("digifarm_mail_retry", id=given_up)
        assert [job["title"] for job in call_action("job_list")] == [
            "send_mails"
        ]
        outbox.send_mails()
        assert stored(given_up) is None
        [message] = mail_server.get_smtp_messages()
        assert message[2] == ["kim@example.org"]

    def test_a_retried_mail_has_all_its_attempts_again(self, given_up):
        call_action("digifarm_mail_retry", id=given_up)
        assert outbox.send_due()["failed"] == 1
        again = stored(given_up)
        assert again
        assert (again.state, again.attempts) == ("waiting", 1)


class TestPage:
    def test_shows_what_was_given_up(self, sysadmin, given_up):
        write("Wartet noch", MailState.WAITING)
        page = text_of(html(sysadmin.get(PATH)).select_one("[role=main]"))
        for words in (
            "Aufgegeben",
            "kim@example.org",
            "Tried 10 times",
            "SMTPRecipientsRefused",
        ):
            assert words in page
        assert "Wartet noch" not in page
        # What others wrote to each other is not for sysadmins to read.
        assert "Geheimer Inhalt" not in page

    def test_says_where_there_is_nothing(self, sysadmin):
        assert "All mails have been sent" in sysadmin.get(PATH).body

    def test_tries_again(self, sysadmin, given_up):
        form = sysadmin.form(PATH, "form[action$='/retry']")
        response = sysadmin.send(form)
        assert response.request.path == PATH
        assert "The mail is tried again" in response.body
        mail = stored(given_up)
        assert mail
        assert (mail.state, mail.attempts) == ("waiting", 0)
        assert mail.due <= clock.now()
        response = sysadmin.send(form)
        assert "no such mail any more" in response.body

    def test_deletes_the_right_one(self, sysadmin, given_up):
        other = write("Anders", MailState.GIVEN_UP)
        page = html(sysadmin.get(PATH))
        button = page.select_one("button[aria-label='Delete: Aufgegeben']")
        token = button.parent.select_one("[name=_csrf_token]")["value"]
        id_ = button.parent.select_one("[name=id]")["value"]
        data = {"_csrf_token": token, "id": id_}
        response = sysadmin.post(button.parent["action"], data=data)
        assert "The mail has been deleted" in response.body
        assert stored(given_up) is None
        assert stored(other)
        response = sysadmin.post(button.parent["action"], data=data)
        assert "no such mail any more" in response.body

    @pytest.mark.parametrize("id_", ["nothing", "", "\x00", None])
    @pytest.mark.parametrize("step", ["retry", "delete"])
    def test_says_so_where_there_is_no_such_mail(self, step, id_, sysadmin):
        data = {"_csrf_token": sysadmin.token()}
        if id_ is not None:
            data["id"] = id_
        response = sysadmin.post(f"{PATH}{step}", data=data)
        assert response.status_code == 200
        assert "no such mail any more" in response.body

    def test_is_for_sysadmins(self, shared_app, people, given_up):
        for role in ROLES:
            browser = Browser(shared_app, people[role]["id"])
            response = browser.get(PATH)
            assert response.status_code == 403
            assert "Aufgegeben" not in response.body
            for step in ("retry", "delete"):
                data = {"_csrf_token": browser.token(), "id": given_up}
                response = browser.post(f"{PATH}{step}", data=data)
                assert response.status_code == 403
        visitor = Browser(shared_app)
        response = visitor.get(PATH)
        assert response.request.path == "/user/login"
        assert "Aufgegeben" not in response.body
        for step in ("retry", "delete"):
            data = {"_csrf_token": visitor.token(), "id": given_up}
            response = visitor.post(f"{PATH}{step}", data=data)
            assert response.request.path == "/user/login"
        mail = stored(given_up)
        assert mail
        assert mail.state == "given_up"

    @pytest.mark.parametrize("step", ["retry", "delete"])
    def test_needs_a_token(self, step, shared_app, sysadmin, given_up):
        # Core's own check forgets a view that somebody unknown has opened.
        Browser(shared_app).get(PATH)
        Browser(shared_app).post(f"{PATH}{step}")
        sysadmin.get(PATH)
        response = sysadmin.post(f"{PATH}{step}", data={"id": given_up})
        assert response.status_code == 400
        mail = stored(given_up)
        assert mail
        assert mail.state == "given_up"

    @pytest.mark.parametrize("step", ["retry", "delete", "vote"])
    def test_changes_nothing_when_it_is_read(self, step, sysadmin, given_up):
        response = sysadmin.get(f"{PATH}{step}?id={given_up}")
        assert response.status_code in {404, 405}
        assert stored(given_up)

    def test_shows_text_as_text(self, sysadmin):
        write(SCRIPT, MailState.GIVEN_UP, error=SCRIPT, recipient_email=SCRIPT)
        assert SCRIPT not in sysadmin.get(PATH).body

    def test_speaks_german(self, sysadmin, given_up):
        response = sysadmin.get(f"/de{PATH}")
        assert response.status_code == 200
        assert html(response).html["lang"] == "de"
        form = read_form(response, "form[action$='/delete']")
        response = sysadmin.send(form)
        assert html(response).html["lang"] == "de"
        assert stored(given_up) is None

    @pytest.mark.parametrize(
        "page", ["/ckan-admin/", "/ckan-admin/config", "/ckan-admin/trash"]
    )
    def test_is_a_tab_of_the_administration(self, page, sysadmin):
        tabs = html(sysadmin.get(page)).select(".page-header a")
        assert PATH.rstrip("/") in {tab["href"].rstrip("/") for tab in tabs}
        own = html(sysadmin.get(PATH)).select_one(".page-header .active a")
        assert own["href"].rstrip("/") == PATH.rstrip("/")

    def test_keeps_the_language_without_a_slash_too(self, sysadmin):
        for path in (f"/de{PATH}", f"/de{PATH}".rstrip("/")):
            assert html(sysadmin.get(path)).html["lang"] == "de"
