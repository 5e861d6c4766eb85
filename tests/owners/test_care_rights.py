"""Who owns a project by care does so as long as it runs: each way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib import clock, jobs
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.owners import ownership
from ckanext.digifarm.owners.model import Invitation
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support import asking, running_out
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user, in_two_threads
from ..browsing import Browser, html, text_of
from ..locks import DONE, attempt, meanwhile
from ..offering import (
    REVIEWERS,
    SECRETS,
    create_people,
    create_project,
    empty_tables,
    get,
    links_of,
    store_offer,
    store_partner,
    store_request,
)
from ..outbox import empty_outbox, waiting_mails
from ..working import forget_jobs, run_due

pytestmark = pytest.mark.usefixtures("shared_app")

ACCEPT, END = "digifarm_support_accept", "digifarm_support_end"
OFFERER, EDITOR = "offerer@example.org", "project_editor@example.org"
NO_LONGER = "can no longer change"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people):
    empty_tables()
    for table in (Invitation, Due, Proposal, Confirmation):
        model.Session.query(table).delete()
    model.Session.query(model.Package).update({"state": "deleted"})
    model.Session.commit()
    forget_jobs()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture
def project(people) -> dict[str, Any]:
    """A project that somebody owns in their own right."""
    return create_project(people, stage="live")


@pytest.fixture
def orphan(people, project) -> dict[str, Any]:
    """One that nobody owns: its organisation looks after it."""
    model.Session.query(model.PackageMember).filter_by(
        package_id=project["id"]
    ).delete()
    model.Session.commit()
    return project


def accepted(
    people: dict[str, str], project: dict[str, Any], **data: Any
) -> Support:
    """Care that somebody gives with an account, and owns the project by."""
    support = store_offer(
        people["offerer"], project=project["id"], area="care", **data
    )
    as_user(people["project_editor"], ACCEPT, id=support.id)
    empty_outbox()
    return get(support.id)


def owners_of(project: dict[str, Any]) -> list[str]:
    """The names of who owns a project."""
    model.Session.rollback()
    query = (
        sa.select(model.User.name)
        .join(
            model.PackageMember, model.PackageMember.user_id == model.User.id
        )
        .where(model.PackageMember.package_id == project["id"])
    )
    return [*model.Session.scalars(query.order_by(model.User.name))]


def marked(support: Support) -> str | None:
    """The name of who owns a project by a support."""
    user = model.User.get(get(support.id).owner_id)
    return user.name if user else None


def opens(user: str, project: dict[str, Any]) -> bool:
    """Whether the handover folder is open to somebody."""
    try:
        as_user(user, "digifarm_handover_show", id=project["id"])
    except tk.NotAuthorized:
        return False
    return True


def text(mail: Any) -> str:
    return " ".join(mail.body.split())


def by_team(people, project, support) -> None:
    as_user(people["project_editor"], END, id=support.id)


def by_supporter(people, project, support) -> None:
    as_user(people["offerer"], END, id=support.id)


def answered(people, project, support) -> None:
    """The question that comes once a year."""
    question = Confirmation(
        subject="support",
        subject_id=support.id,
        project_id=project["id"],
        state="asked",
        asked=clock.now(),
        began=clock.now(),
    )
    model.Session.add(question)
    model.Session.commit()
    as_user(
        people["offerer"],
        "digifarm_confirmation_answer",
        id=question.id,
        answer=asking.ENDED,
    )


def ran_out(people, project, support) -> None:
    support.until = clock.days_ago(2).date().isoformat()
    support.ends = True
    model.Session.commit()
    run_due("support-run-out")


def unanswered(people, project, support) -> None:
    support.until = clock.days_ago(2).date().isoformat()
    model.Session.commit()
    running_out.run_out(support.id)
    model.Session.commit()


def over(people, project, support) -> None:
    as_user(
        people["project_editor"],
        "digifarm_project_end",
        id=project["id"],
        stage="ended",
        supports="end",
    )
    jobs.run()


def forgotten(people, project, support) -> None:
    privacy.erase(OFFERER)
    # For the others.
    user = model.User.get(people["offerer"])
    assert user
    assert user.is_active


def deleted(people, project, support) -> None:
    as_portal("package_delete", id=project["id"])
    model.Session.query(Event).update({"created": clock.days_ago(1000)})
    model.Session.commit()
    privacy.purge()


WAYS: tuple[Callable[..., None], ...] = (
    by_team,
    by_supporter,
    answered,
    ran_out,
    unanswered,
    over,
    forgotten,
    deleted,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_right_ends_with_the_care(way, people, orphan):
    support = accepted(people, orphan)
    assert owners_of(orphan) == [people["offerer"]]
    assert marked(support) == people["offerer"]
    assert opens(people["offerer"], orphan)
    way(people, orphan, get(support.id))
    assert owners_of(orphan) == []
    assert marked(support) is None
    if way is not deleted:
        assert not opens(people["offerer"], orphan)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_who_owned_it_before_keeps_it(way, people, orphan):
    as_portal(
        "package_collaborator_create",
        id=orphan["id"],
        user_id=people["offerer"],
        capacity="editor",
    )
    support = accepted(people, orphan)
    assert marked(support) is None
    way(people, orphan, get(support.id))
    assert owners_of(orphan) == [people["offerer"]]


def named(people, project) -> None:
    as_user(
        people["sysadmin"],
        "package_collaborator_create",
        id=project["id"],
        user_id=people["offerer"],
        capacity="editor",
    )


def invited(people, project) -> None:
    """By another address of theirs."""
    as_user(
        people["project_editor"],
        "digifarm_owner_invite",
        project=project["id"],
        email="kim@example.org",
    )
    [mail] = waiting_mails("kim@example.org")
    [path] = [link for link in links_of(mail) if "/claim/" in link]
    as_user(
        people["offerer"],
        "digifarm_project_claim",
        token=path.rpartition("/")[2],
    )


def approved(people, project) -> None:
    """As if it had been proposed by them, and hidden meanwhile."""
    proposal = Proposal(
        project_id=project["id"],
        state="approved",
        proposer_name="Kim",
        proposer_email=SECRETS["contact_email"],
        language="en",
        consented=clock.now(),
    )
    model.Session.add(proposal)
    model.Session.commit()
    ownership.claim(
        proposal,
        model.Package.get(project["id"]),
        model.User.get(people["offerer"]),
    )
    model.Session.commit()


@pytest.mark.parametrize(
    "way", [named, invited, approved], ids=lambda way: way.__name__
)
def test_who_has_come_to_own_it_in_another_way_keeps_it(way, people, orphan):
    support = accepted(people, orphan)
    way(people, orphan)
    assert marked(support) is None
    empty_outbox()
    as_user(people["project_editor"], END, id=support.id)
    assert owners_of(orphan) == [people["offerer"]]
    for mail in waiting_mails():
        assert NO_LONGER not in text(mail)


def test_another_care_goes_on_giving_it(people, orphan):
    first = accepted(people, orphan)
    second = accepted(people, orphan, partner=store_partner(people)["id"])
    assert marked(second) == people["offerer"]
    as_user(people["project_editor"], END, id=first.id)
    assert owners_of(orphan) == [people["offerer"]]
    assert not any(NO_LONGER in text(mail) for mail in waiting_mails())
    as_user(people["project_editor"], END, id=second.id)
    assert owners_of(orphan) == []


def test_two_cares_that_end_at_once_leave_nobody(people, orphan, shared_app):
    ids = [
        accepted(people, orphan).id,
        accepted(people, orphan, partner=store_partner(people)["id"]).id,
    ]
    editor = people["project_editor"]
    # The first has found that the second one runs, and isn't done yet.
    with meanwhile(
        shared_app,
        lambda sql, _: sql.startswith("INSERT INTO digifarm_event"),
        lambda: as_user(editor, END, id=ids[1]),
    ):
        as_user(editor, END, id=ids[0])
    assert {get(id_).state for id_ in ids} == {"ended"}
    assert owners_of(orphan) == []


def test_of_two_who_go_at_once_one_is_the_last(people, orphan, shared_app):
    support = accepted(people, orphan)
    as_portal(
        "package_collaborator_create",
        id=orphan["id"],
        user_id=people["other"],
        capacity="editor",
    )
    results = in_two_threads(
        shared_app,
        attempt(lambda: as_user(people["offerer"], END, id=support.id)),
        attempt(
            lambda: as_user(
                people["other"], "digifarm_owner_remove", project=orphan["id"]
            )
        ),
    )
    assert results == [DONE, DONE]
    assert owners_of(orphan) == []
    assert [
        mail
        for mail in waiting_mails(EDITOR)
        if "its organisation does" in text(mail)
    ]


def searched(project: dict[str, Any]) -> None:
    """The city lets somebody be looked for, so that care ends the search."""
    model.Session.add(
        Confirmation(
            subject="project",
            subject_id=project["id"],
            project_id=project["id"],
            state="searching",
            asked=clock.now(),
            began=clock.now(),
        )
    )
    model.Session.commit()


def takes_turns(_: str, values: Any) -> bool:
    """Whether somebody is about to change who owns a project."""
    return "digifarm owners" in str(values)


def test_nobody_waits_for_who_waits_for_them_as_care_begins(
    people, orphan, shared_app
):
    searched(orphan)
    as_user(
        people["project_editor"],
        "digifarm_owner_invite",
        project=orphan["id"],
        email="kim@example.org",
    )
    [mail] = waiting_mails("kim@example.org")
    [path] = [link for link in links_of(mail) if "/claim/" in link]
    support = store_offer(people["offerer"], project=orphan["id"], area="care")
    with meanwhile(
        shared_app,
        takes_turns,
        lambda: as_user(
            people["other"],
            "digifarm_project_claim",
            token=path.rpartition("/")[2],
        ),
    ):
        as_user(people["project_editor"], ACCEPT, id=support.id)
    assert owners_of(orphan) == sorted([people["offerer"], people["other"]])


def test_neither_do_they_as_somebody_steps_down(people, project, shared_app):
    searched(project)
    support = store_offer(
        people["offerer"], project=project["id"], area="care"
    )
    with meanwhile(
        shared_app,
        takes_turns,
        lambda: as_user(
            people["owner"], "digifarm_owner_remove", project=project["id"]
        ),
    ):
        as_user(people["project_editor"], ACCEPT, id=support.id)
    assert owners_of(project) == [people["offerer"]]


def locks_invitation(sql: str, _: Any) -> bool:
    """Whether somebody is about to change an invitation."""
    return "FROM digifarm_invitation" in sql and "FOR" in sql


@pytest.mark.parametrize("moment", [takes_turns, locks_invitation])
def test_nor_as_care_ends_of_who_hands_it_over(
    moment, people, orphan, shared_app
):
    support = accepted(people, orphan)
    as_user(
        people["offerer"],
        "digifarm_owner_invite",
        project=orphan["id"],
        email="kim@example.org",
        hands_over=True,
    )
    [mail] = waiting_mails("kim@example.org")
    [path] = [link for link in links_of(mail) if "/claim/" in link]
    results: list[Any] = []
    claim = attempt(
        lambda: as_user(
            people["other"],
            "digifarm_project_claim",
            token=path.rpartition("/")[2],
        )
    )
    with meanwhile(shared_app, moment, lambda: results.append(claim())):
        as_user(people["project_editor"], END, id=support.id)
    assert get(support.id).state == "ended"
    # Whoever comes later finds the invitation taken back.
    claimed = results == [DONE]
    assert claimed or "taken back" in str(results)
    assert owners_of(orphan) == ([people["other"]] if claimed else [])


def test_by_a_link_it_is_theirs_as_long_as_well(people, orphan):
    support = store_offer(project=orphan["id"], area="care")
    as_user(people["project_editor"], ACCEPT, id=support.id)
    [mail] = waiting_mails(SECRETS["contact_email"])
    [path] = [link for link in links_of(mail) if "/claim/" in link]
    as_user(
        people["other"],
        "digifarm_project_claim",
        token=path.rpartition("/")[2],
    )
    assert marked(support) == people["other"]
    empty_outbox()
    as_user(people["project_editor"], END, id=support.id)
    assert owners_of(orphan) == []
    # The mail of the support goes to who has offered it, not to them.
    [mail] = waiting_mails("other@example.org")
    assert "Your care of the civic project" in text(mail)
    [mail] = waiting_mails(SECRETS["contact_email"])
    assert NO_LONGER not in text(mail)


def test_an_account_that_waits_for_its_password_loses_it(people, orphan):
    support = store_offer(project=orphan["id"], area="care")
    with changed_config("ckan.auth.create_user_via_web", False):
        as_user(people["project_editor"], ACCEPT, id=support.id)
    [owner] = owners_of(orphan)
    assert marked(support) == owner
    as_user(people["project_editor"], END, id=support.id)
    assert owners_of(orphan) == []


def test_an_editor_of_a_partner_loses_it_and_is_told(people, orphan):
    partner = store_partner(people)
    support = store_request(
        project=orphan["id"], partner=partner["id"], area="care"
    )
    as_user(people["partner_editor"], ACCEPT, id=support.id)
    assert marked(support) == people["partner_editor"]
    empty_outbox()
    as_user(people["project_editor"], END, id=support.id)
    assert owners_of(orphan) == []
    [mail] = waiting_mails("partner_editor@example.org")
    assert "Your care of the civic project" in text(mail)
    assert f"/civic_project/{orphan['name']}" in mail.body
    [mail] = waiting_mails("werkstatt@example.org")
    assert NO_LONGER not in text(mail)
    assert not opens(people["partner_editor"], orphan)


def test_what_two_partners_give_that_are_the_same_ends_once(people, orphan):
    partner, other = store_partner(people), factories.Organization()
    into = call_action(
        "digifarm_partner_create",
        title="Die offene Werkstatt",
        kind="association",
        organization_id=other["id"],
    )
    support = accepted(people, orphan, partner=partner["id"])
    call_action(
        "digifarm_support_create",
        project=orphan["id"],
        area="care",
        partner=into["id"],
    )
    empty_outbox()
    as_user(
        people["reviewer"],
        "digifarm_partner_merge",
        id=partner["id"],
        into=into["id"],
    )
    assert owners_of(orphan) == []
    assert marked(support) is None
    [mail] = waiting_mails(OFFERER)
    assert "Your care of the civic project" in text(mail)
    [mail] = waiting_mails(EDITOR)
    assert "its organisation does" in text(mail)


def test_who_was_taken_out_gets_nothing_back(people, project):
    """By a support that still runs, as a partner gives it."""
    partner = store_partner(people)
    support = accepted(people, project, partner=partner["id"])
    as_user(
        people["project_editor"],
        "digifarm_owner_remove",
        project=project["id"],
        user_id=people["offerer"],
    )
    assert marked(support) is None
    empty_outbox()
    as_user(people["project_editor"], END, id=support.id)
    assert owners_of(project) == [people["owner"]]
    assert not any(NO_LONGER in text(mail) for mail in waiting_mails())


def test_core_takes_it_from_a_caretaker(people, project):
    support = accepted(people, project)
    as_user(
        people["sysadmin"],
        "package_collaborator_delete",
        id=project["id"],
        user_id=people["offerer"],
    )
    assert owners_of(project) == [people["owner"]]
    assert get(support.id).state == "ended"


class TestWhoHears:
    def test_both_sides_what_they_may_no_longer(self, people, project):
        support = accepted(people, project)
        as_user(people["owner"], END, id=support.id)
        [own] = waiting_mails(OFFERER)
        assert f"you {NO_LONGER} the entry of the project" in text(own)
        assert "Ask its people on the page of the project" in text(own)
        [team] = waiting_mails("owner@example.org")
        assert "You can invite them anew" in text(team)
        assert f"/civic_project/team/{project['name']}" in team.body
        assert "its organisation does" not in text(team)
        assert "may still edit" not in text(team)
        assert waiting_mails(EDITOR) == []

    def test_whatever_spelling_of_their_address_they_gave(
        self, people, orphan
    ):
        address = "offerer+care@example.org"
        support = accepted(people, orphan, contact_email=address)
        as_user(people["project_editor"], END, id=support.id)
        [mail] = waiting_mails(address)
        assert NO_LONGER in text(mail)
        assert not waiting_mails(OFFERER)

    @pytest.mark.parametrize("way", [by_supporter, ran_out])
    def test_the_organisation_where_the_last_one_goes(
        self, way, people, orphan
    ):
        support = accepted(people, orphan)
        way(people, orphan, get(support.id))
        [mail] = waiting_mails(EDITOR)
        assert "its organisation does, for which you edit" in text(mail)
        assert len(waiting_mails(OFFERER)) == 1

    @pytest.mark.parametrize("way", [over, forgotten])
    def test_the_organisation_where_no_other_mail_says_it(
        self, way, people, orphan
    ):
        support = accepted(people, orphan)
        way(people, orphan, get(support.id))
        [mail] = [
            mail
            for mail in waiting_mails(EDITOR)
            if "The care of" in mail.subject
        ]
        assert "its organisation does, for which you edit" in text(mail)
        user = model.User.get(people["offerer"])
        assert user
        assert user.display_name not in mail.body
        told = [text(mail) for mail in waiting_mails(OFFERER)]
        is_told = any("Your care of the civic project" in one for one in told)
        # Nobody writes to whoever wants to be forgotten.
        assert is_told is (way is over)

    def test_nobody_that_they_lose_what_they_keep(self, people, orphan):
        """Who edits for the organisation may go on."""
        support = store_offer(
            people["project_editor"], project=orphan["id"], area="care"
        )
        as_user(people["project_editor"], ACCEPT, id=support.id)
        empty_outbox()
        as_user(people["project_editor"], END, id=support.id)
        assert owners_of(orphan) == []
        for mail in waiting_mails(EDITOR):
            assert f"you {NO_LONGER}" not in text(mail)

    def test_its_page_that_somebody_is_wanted(
        self, people, orphan, shared_app
    ):
        support = accepted(people, orphan)
        path = f"/civic_project/{orphan['name']}"
        assert html(Browser(shared_app).get(path)).select_one("#care") is None
        as_user(people["offerer"], END, id=support.id)
        block = html(Browser(shared_app).get(path)).select_one("#care")
        assert "Nobody is named yet" in text_of(block)


class TestBefore:
    WORDS = "can then no longer change its entry or open its handover folder"

    def test_the_page_says_it_to_both_sides(self, people, orphan, shared_app):
        support = accepted(people, orphan)
        for user, path in (
            ("offerer", f"/civic_project/support/read/{support.id}"),
            ("project_editor", f"/civic_project/support/{orphan['name']}"),
        ):
            page = Browser(shared_app, people[user]).get(path)
            assert self.WORDS in text_of(html(page)), path

    def test_so_do_the_answers_to_questions(self, people, orphan, shared_app):
        support = accepted(people, orphan)
        row = Confirmation(subject="support", subject_id=support.id)
        with shared_app.flask_app.test_request_context("/"):
            for asked in (asking.YearlyAsking(), asking.EndAsking()):
                texts = [answer.text for answer in asked.answers(row)]
                assert any(self.WORDS in one for one in texts)

    def test_nothing_is_said_where_nobody_owns_it_by_that(
        self, people, orphan, shared_app
    ):
        named(people, orphan)
        support = accepted(people, orphan)
        path = f"/civic_project/support/read/{support.id}"
        page = Browser(shared_app, people["offerer"]).get(path)
        assert self.WORDS not in text_of(html(page))


def test_what_is_stored_is_told_to_whom_it_is_about(people, orphan):
    accepted(people, orphan)
    [told] = privacy.export(OFFERER)["support"]
    assert told["owner_by_it"] is True
