"""Who asks a project's team reaches it, and nobody learns an address."""

from __future__ import annotations

import re
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.core import retiring
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.rate_limits import LimitReached
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.questions.model import Question

from ..acting import as_portal, as_user, organization_of
from ..conftest import ProjectFactory
from ..dumping import places_of
from ..offering import create_people, create_project

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app", "nothing")

KIM = "kim.fragt@example.org"
MESSAGE = "Wem gehören die Bäume?\nUnd wer gießt sie?"
ASKED = {
    "message": MESSAGE,
    "name": "Kim",
    "email": KIM,
    "consent": True,
}


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people)


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (Question, Event, Mail):
        model.Session.query(table).delete()
    model.Session.commit()


def ask(
    project: dict[str, Any], user: str = "", **changes: Any
) -> dict[str, Any]:
    data = {**ASKED, "project": project["id"], **changes}
    return as_user(user, "digifarm_question_ask", **data)


def confirm() -> dict[str, Any]:
    return as_user("", "digifarm_question_confirm", token=token())


def token() -> str:
    """Of the link to the only question."""
    row = stored()
    return tokens.make(Purpose.QUESTION_CONFIRM, row.id, row.token_key)


def stored() -> Question:
    model.Session.rollback()
    model.Session.expire_all()
    return model.Session.query(Question).one()


def mails() -> list[Mail]:
    model.Session.rollback()
    return model.Session.query(Mail).order_by(Mail.created).all()


def errors_of(call: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as raised:
        call()
    model.Session.rollback()
    return raised.value.error_dict


class TestAnonymous:
    def test_is_asked_to_confirm_first(self, project):
        assert ask(project)["state"] == "unconfirmed"
        [mail] = mails()
        assert (mail.recipient_email, mail.reply_to) == (KIM, "")
        # Anybody may have written anything to anybody.
        for words in ("Kim", "Wem gehören"):
            assert words not in f"{mail.subject} {mail.body}"
        assert re.findall(r"/questions/confirm/(\S+)", mail.body) == [token()]

    def test_reaches_the_team_once_confirmed(self, project):
        ask(project)
        assert confirm()["state"] == "sent"
        _, mail = mails()
        assert mail.recipient_email == "owner@example.org"
        assert mail.reply_to == KIM
        assert "> Wem gehören die Bäume?\n> Und wer gießt sie?" in mail.body
        for words in ("Kim writes to", KIM, project["title"]):
            assert words in mail.body

    def test_learns_no_address_of_the_team(self, project):
        ask(project)
        shown = as_user("", "digifarm_question_show", token=token())
        confirm()
        mail, _ = mails()
        for said in (mail.body, mail.reply_to, str(shown)):
            assert "owner@" not in said

    def test_twice_confirmed_is_sent_once(self, project):
        ask(project)
        assert confirm() == confirm()
        assert len(mails()) == 2
        events = Event.of(Subject.QUESTION, stored().id)
        assert [event.target for event in events] == ["unconfirmed", "sent"]

    def test_may_not_confirm_by_another_link(self, project):
        ask(project)
        row = stored()
        other = tokens.make(Purpose.SUPPORT_CONFIRM, row.id, row.token_key)
        for wrong in (other, "x"):
            for step in ("confirm", "show"):
                name = f"digifarm_question_{step}"
                found = errors_of(lambda: as_user("", name, token=wrong))  # noqa: B023
                assert set(found) == {"token"}
        assert stored().state == "unconfirmed"


class TestUser:
    def test_reaches_the_team_at_once(self, people, project):
        asked = ask(project, people["offerer"])
        assert asked["state"] == "sent"
        [mail] = mails()
        assert mail.recipient_email == "owner@example.org"
        # Whatever the form says, the account is whom to answer.
        assert mail.reply_to == "offerer@example.org"

    def test_without_an_address_confirms(self, project):
        user = factories.User(email="soon@example.org")
        row = model.User.get(user["id"])
        row.email = None
        model.Session.commit()
        assert ask(project, user["name"])["state"] == "unconfirmed"


class TestLimits:
    def test_a_team_gets_no_more_than_it_can_read(
        self, people, project, shared_app
    ):
        option = "ckanext.digifarm.limits.email"
        with (
            changed_config(option, "2 per hour"),
            shared_app.flask_app.test_request_context(),
        ):
            for number in range(2):
                ask(project, people["other"], message=f"Frage {number}")
            with pytest.raises(LimitReached, match="many messages"):
                ask(project, people["offerer"], message="Noch eine")
            model.Session.rollback()

    def test_it_is_forgotten_who_has_asked(self, people, project):
        ask(project, people["other"])
        events = model.Session.query(Event).filter_by(subject="question").all()
        assert [event.created_by for event in events] == [None]


class TestTeam:
    def test_are_the_editors_where_nobody_owns_it(self, people):
        project = ProjectFactory(
            owner_org=organization_of(editor=[people["project_editor"]])
        )
        ask(project, people["offerer"])
        [mail] = mails()
        assert mail.recipient_email == "project_editor@example.org"

    def test_is_the_city_where_nobody_else_is(self, people):
        project = ProjectFactory(owner_org=organization_of())
        option = "ckanext.digifarm.contact_email"
        with changed_config(option, "stadt@example.org"):
            ask(project, people["offerer"])
        [mail] = mails()
        assert mail.recipient_email == "stadt@example.org"

    def test_nothing_is_taken_where_nobody_can_read_it(self, people):
        project = ProjectFactory(owner_org=organization_of())
        for user in ("", people["offerer"]):
            found = errors_of(lambda: ask(project, user))  # noqa: B023
            assert found == {
                "project": ["Nobody there can be reached by mail"]
            }
        assert not mails()
        assert not model.Session.query(Question).count()

    def test_a_question_waits_where_they_have_left(self, people):
        project = create_project(people)
        ask(project)
        kept = (model.PackageMember, model.Member)
        rows = {
            table: [
                r._asdict()
                for r in model.Session.execute(
                    sa.inspect(table).local_table.select()
                )
            ]
            for table in kept
        }
        try:
            for table in kept:
                model.Session.query(table).delete()
            model.Session.commit()
            found = errors_of(confirm)
            assert found == {
                "project": ["Nobody there can be reached by mail"]
            }
            row = stored()
            assert (row.state, row.message) == ("unconfirmed", MESSAGE)
        finally:
            for table, values in rows.items():
                model.Session.execute(
                    sa.inspect(table).local_table.insert(), values
                )
            model.Session.commit()


class TestForbidden:
    def test_private_projects(self, people):
        project = create_project(people, private=True)
        for user in ("", people["offerer"]):
            with pytest.raises(tk.NotAuthorized):
                ask(project, user)
            model.Session.rollback()
        assert ask(project, people["project_member"])["state"] == "sent"

    def test_deleted_projects(self, people):
        project = create_project(people)
        ask(project)
        as_portal("package_delete", id=project["id"])
        deleted = {"project": ["Has been deleted"]}
        assert errors_of(lambda: ask(project, people["owner"])) == deleted
        assert errors_of(confirm) == deleted
        assert len(mails()) == 1

    def test_datasets_and_what_is_not_there(self):
        for id_ in (factories.Dataset()["id"], "nowhere"):
            with pytest.raises(tk.ObjectNotFound):
                ask({"id": id_})
            model.Session.rollback()

    def test_projects_that_are_put_aside(self, people, project):
        ask(project)
        link = token()
        retiring.retire()
        try:
            with pytest.raises(tk.ObjectNotFound):
                ask(project, people["sysadmin"])
            model.Session.rollback()
            with pytest.raises(tk.ObjectNotFound):
                as_user("", "digifarm_question_confirm", token=link)
            model.Session.rollback()
        finally:
            retiring.bring_back()
        assert len(mails()) == 1
        confirm()
        assert len(mails()) == 2


class TestInput:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("message", ""),
            ("message", " \n "),
            ("message", "a" * 5001),
            ("name", ""),
            ("name", "Kim\nBcc: all@example.org"),
            ("name", "a" * 201),
            ("email", ""),
            ("email", "kim@example.org\nBcc: all@example.org"),
            ("email", "kim@example.org, all@example.org"),
            ("consent", False),
            ("consent", ""),
        ],
    )
    def test_is_refused(self, field, value, project):
        found = errors_of(lambda: ask(project, **{field: value}))
        assert set(found) == {field}
        assert not mails()

    def test_is_no_html(self, people, project):
        text = "<script>alert(1)</script>\n<b>Fett</b> & mehr"
        ask(project, people["offerer"], message=text, name="<i>Kim</i>")
        [mail] = mails()
        assert "> <script>alert(1)</script>" in mail.body
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in mail.body_html
        assert "&lt;i&gt;Kim&lt;/i&gt;" in mail.body_html
        assert "<script" not in mail.body_html
        assert "<i>" not in mail.body_html

    def test_adds_no_header(self, people, project):
        """A header's line ends where the address does."""
        text = "Subject: Anders\r\nBcc: all@example.org"
        ask(project, people["offerer"], message=text)
        [mail] = mails()
        assert "Anders" not in mail.subject
        for part in (mail.subject, mail.reply_to, mail.recipient_name):
            assert not re.search(r"[\r\n]", part)
        assert "> Bcc: all@example.org" in mail.body


class TestPrivacy:
    def test_nothing_is_kept_of_what_is_sent(self, people, project):
        ask(project)
        confirm()
        ask(project, people["offerer"])
        # The outbox sends them.
        model.Session.query(Mail).delete()
        model.Session.commit()
        for row in model.Session.query(Question):
            assert (row.state, row.name, row.email) == ("sent", "", "")
            assert (row.message, row.user_id) == ("", None)
        assert places_of(KIM) == set()
        assert places_of("Wem gehören") == set()

    def test_is_told_and_forgotten(self, project):
        ask(project)
        [told] = privacy.export(f" {KIM.upper()}")["question"]
        assert (told["message"], told["email"]) == (MESSAGE, KIM)
        assert told["consent"]["text"].startswith("I agree that")
        link = token()
        assert privacy.erase(KIM).counts["question"] == 1
        assert places_of(KIM) == set()
        assert not any(privacy.export(KIM).values())
        call = "digifarm_question_confirm"
        found = errors_of(lambda: as_user("", call, token=link))
        assert set(found) == {"token"}

    def test_a_mail_that_waits_goes_too(self, project):
        ask(project)
        confirm()
        assert places_of(KIM) == {"digifarm_mail"}
        privacy.erase(KIM)
        assert places_of(KIM) == set()
        assert mails() == []

    @pytest.mark.parametrize("is_sent", [False, True])
    def test_time_takes_it_away(self, is_sent, project):
        ask(project)
        if is_sent:
            confirm()
        privacy.purge()
        row = stored()
        row.modified = clock.days_ago(100)
        model.Session.commit()
        assert privacy.purge()["unconfirmed"] == 1
        assert model.Session.query(Question).count() == 0

    def test_goes_with_its_project(self, people):
        project = create_project(people)
        ask(project)
        as_portal("dataset_purge", id=project["id"])
        assert model.Session.query(Question).count() == 0
