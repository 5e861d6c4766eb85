"""Who learns what waits for them: one table says it, and roles count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckan import model
from ckan.lib import jobs
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import waiting
from ckanext.digifarm.lib.jobs import run
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.proposals.model import Proposal
from dev.counting import counting

from .. import offering, proposing
from ..acting import as_portal, as_user, in_two_threads, organization_of
from ..locks import meanwhile
from ..offering import create_partner, create_project, offer
from ..working import forget_jobs, run_due

pytestmark = [
    pytest.mark.ckan_config(
        "ckanext.digifarm.review_organization", offering.REVIEWERS
    ),
    pytest.mark.usefixtures("shared_app"),
]


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return offering.create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    offering.empty_tables()
    model.Session.query(Proposal).delete()
    model.Session.query(Waiting).delete()
    model.Session.commit()
    forget_jobs()


@pytest.fixture
def project(people) -> dict[str, Any]:
    return create_project(people)


def who_waits_for(id_: str) -> dict[str, str]:
    """Names of the users for whom something waits, and in which state."""
    model.Session.rollback()
    rows = model.Session.query(Waiting).filter_by(subject_id=id_)
    return {model.User.get(row.user_id).name: row.state for row in rows}


def test_an_offer_waits_for_the_owners_once_it_is_confirmed(people, project):
    unconfirmed = offer(project=project["id"])
    assert who_waits_for(unconfirmed.id) == {}
    support = offering.confirm(unconfirmed)
    assert who_waits_for(support.id) == {people["owner"]: "offered"}


@pytest.mark.parametrize("step", ["accept", "decline", "withdraw"])
def test_the_step_that_answers_it_ends_it(step, people, project):
    support = offer(people["offerer"], project=project["id"])
    assert who_waits_for(support.id) == {people["owner"]: "offered"}
    by = "offerer" if step == "withdraw" else "owner"
    as_user(people[by], f"digifarm_support_{step}", id=support.id)
    assert who_waits_for(support.id) == {}


def test_a_request_waits_for_those_who_act_for_the_partner(people, project):
    partner = create_partner(people)
    support = as_user(
        people["owner"],
        "digifarm_support_request",
        project=project["id"],
        area="technology",
        partner=partner["id"],
    )
    assert who_waits_for(support["id"]) == {
        people["partner_editor"]: "requested"
    }


def test_a_task_waits_for_whoever_has_taken_it(people, project):
    task = call_action(
        "digifarm_task_create", project=project["id"], title="A"
    )
    assert who_waits_for(task["id"]) == {}
    as_user(
        people["other"],
        "digifarm_task_take",
        id=task["id"],
        name="Kim",
        consent=True,
    )
    assert who_waits_for(task["id"]) == {people["other"]: "taken"}
    as_user(people["owner"], "digifarm_task_done", id=task["id"])
    assert who_waits_for(task["id"]) == {}


def test_a_registration_waits_for_the_reviewers(people):
    partner = as_user(
        people["other"],
        "digifarm_partner_register",
        title="Kartenkreis",
        kind="developers",
        contact_name="Dana",
        consent=True,
    )
    assert who_waits_for(partner["id"]) == {people["reviewer"]: "proposed"}
    as_user(people["reviewer"], "digifarm_partner_accept", id=partner["id"])
    assert who_waits_for(partner["id"]) == {}


def test_a_proposal_waits_for_reviewers_then_for_its_proposer(people):
    proposal = proposing.propose(people["other"])
    assert who_waits_for(proposal.id) == {people["reviewer"]: "pending"}
    as_user(
        people["reviewer"],
        "digifarm_proposal_request_changes",
        id=proposal.id,
        reason="Bitte mehr",
    )
    assert who_waits_for(proposal.id) == {people["other"]: "changes_requested"}


def test_nobody_is_asked_to_decide_on_their_own_proposal(people):
    proposal = proposing.propose(people["reviewer"])
    assert who_waits_for(proposal.id) == {}


class TestRoles:
    @pytest.fixture
    def offered(self, people, project) -> str:
        return offer(people["offerer"], project=project["id"]).id

    def test_a_new_owner_is_asked_too(self, offered, people, project):
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["other"],
            capacity="editor",
        )
        run()
        assert who_waits_for(offered) == {
            people["owner"]: "offered",
            people["other"]: "offered",
        }

    def test_without_owners_the_editors_are_asked(
        self, offered, people, project
    ):
        as_portal(
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["owner"],
        )
        run()
        assert who_waits_for(offered) == {people["project_editor"]: "offered"}

    def test_whoever_edits_no_more_is_not_asked(
        self, offered, people, project
    ):
        as_portal(
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["owner"],
        )
        as_portal(
            "organization_member_delete",
            id=project["owner_org"],
            username=people["project_editor"],
        )
        run()
        assert who_waits_for(offered) == {}

    def test_another_organisation_is_asked(self, offered, people, project):
        as_portal(
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["owner"],
        )
        editor = {"name": people["other"], "capacity": "editor"}
        organization = factories.Organization(users=[editor])
        as_portal(
            "package_owner_org_update",
            id=project["id"],
            organization_id=organization["id"],
        )
        run()
        assert who_waits_for(offered) == {people["other"]: "offered"}

    def test_a_deleted_project_asks_nobody_until_it_is_back(
        self, offered, people, project
    ):
        as_portal("package_delete", id=project["name"])
        run()
        assert who_waits_for(offered) == {}
        as_portal("package_patch", id=project["id"], state="active")
        run()
        assert who_waits_for(offered) == {people["owner"]: "offered"}

    def test_a_deleted_account_is_not_asked(self, offered, project):
        user = factories.User()
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=user["id"],
            capacity="editor",
        )
        run()
        assert user["name"] in who_waits_for(offered)
        as_portal("user_delete", id=user["id"])
        run()
        assert user["name"] not in who_waits_for(offered)

    def test_what_nobody_noticed_is_mended_once_a_day(self, offered, people):
        model.Session.query(Waiting).delete()
        stranger = model.User.get(people["other"])
        model.Session.add(
            Waiting(
                user_id=stranger.id,
                subject="support",
                subject_id="gone",
                state="offered",
            )
        )
        model.Session.commit()
        assert run_due("waiting") == {"done": 1}
        run()
        assert who_waits_for(offered) == {people["owner"]: "offered"}
        assert who_waits_for("gone") == {}

    def test_another_organisation_acts_for_a_partner(self, people, project):
        partner = create_partner(people)
        id_ = request(people, project, partner)
        organization = organization_of(editor=[people["other"]])
        # All is looked at again as it has people.
        forget_jobs()
        as_portal(
            "digifarm_partner_update",
            id=partner["id"],
            organization_id=organization,
        )
        run()
        assert who_waits_for(id_) == {people["other"]: "requested"}

    def test_a_partner_goes_up_in_another_one(self, people, project):
        goes = create_partner(people)
        id_ = request(people, project, goes)
        stays = create_partner(
            people,
            title="Die offene Werkstatt",
            organization_id=organization_of(editor=[people["other"]]),
        )
        forget_jobs()
        as_user(
            people["reviewer"],
            "digifarm_partner_merge",
            id=goes["id"],
            into=stays["id"],
        )
        run()
        assert who_waits_for(id_) == {people["other"]: "requested"}


def request(people, project, partner) -> str:
    """Id of a support that a partner is asked for."""
    return as_user(
        people["owner"],
        "digifarm_support_request",
        project=project["id"],
        area="technology",
        partner=partner["id"],
    )["id"]


class TestWhatIsGone:
    def test_of_a_purged_project(self, people, project):
        support = offer(people["offerer"], project=project["id"])
        task = call_action(
            "digifarm_task_create", project=project["id"], title="A"
        )
        as_user(
            people["other"],
            "digifarm_task_take",
            id=task["id"],
            name="Kim",
            consent=True,
        )
        kept = offer(
            people["offerer"], project=create_project(people)["id"]
        ).id
        gone = [support.id, task["id"]]
        assert all(who_waits_for(id_) for id_ in gone)
        as_portal("dataset_purge", id=project["id"])
        assert not any(who_waits_for(id_) for id_ in gone)
        assert who_waits_for(kept)

    def test_of_a_row_that_is_deleted(self, people, project):
        support = offer(people["offerer"], project=project["id"])
        id_ = support.id
        assert who_waits_for(id_)
        model.Session.delete(offering.get(id_))
        model.Session.commit()
        assert who_waits_for(id_) == {}


class TestMeanwhile:
    """Others take steps while somebody looks again."""

    @pytest.fixture(params=[waiting.ALL, "of the project"])
    def look_again(self, request, project) -> Callable[[], None]:
        key = waiting.ALL
        if request.param != key:
            key = project["id"]

        def look_again() -> None:
            waiting.look_again(key)
            model.Session.commit()

        return look_again

    @pytest.fixture(params=[("support", 1), ("support", 2), ("task", 1)])
    def moment(self, request) -> Callable[[str, Any], bool]:
        """Before the first, or another, statement that forgets of a life."""
        subject, number = request.param
        seen: list[str] = []

        def is_then(sql: str, values: Any) -> bool:
            if sql.startswith("DELETE FROM digifarm_waiting"):
                seen.extend(v for v in values.values() if v == subject)
            return len(seen) == number

        return is_then

    def test_what_comes_is_kept(
        self, look_again, moment, people, project, shared_app
    ):
        unconfirmed = offer(project=project["id"])
        token = offering.token_of(unconfirmed, Purpose.SUPPORT_CONFIRM)

        def confirm() -> None:
            as_user("", "digifarm_support_confirm", token=token)

        with meanwhile(shared_app, moment, confirm):
            look_again()
        assert who_waits_for(unconfirmed.id) == {people["owner"]: "offered"}

    def test_what_is_answered_stays_answered(
        self, look_again, moment, people, project, shared_app
    ):
        id_ = offer(people["offerer"], project=project["id"]).id
        # As if its owner were a new one.
        model.Session.query(Waiting).delete()
        model.Session.commit()

        def accept() -> None:
            as_user(people["owner"], "digifarm_support_accept", id=id_)

        with meanwhile(shared_app, moment, accept):
            look_again()
        assert who_waits_for(id_) == {}

    def test_two_look_at_the_same(self, people, project, shared_app):
        ids = [
            offer(people["offerer"], project=project["id"]).id
            for _ in range(3)
        ]
        model.Session.query(Waiting).delete()
        model.Session.commit()

        def look() -> None:
            waiting.look_again(project["id"])
            model.Session.commit()

        in_two_threads(shared_app, look, look)
        for id_ in ids:
            assert who_waits_for(id_) == {people["owner"]: "offered"}


class TestCost:
    def cost(self, key: str) -> int:
        forget_jobs()
        model.Session.remove()
        with counting() as cost:
            waiting.look_again(key)
        model.Session.commit()
        return len(cost.sql)

    def test_of_a_project_is_the_same_for_one_and_for_many(
        self, people, project
    ):
        def ask() -> None:
            offer(people["offerer"], project=project["id"])

        ask()
        one = self.cost(project["id"])
        for _ in range(3):
            ask()
        assert self.cost(project["id"]) == one

    def test_of_all_is_the_same_for_one_and_for_many(self, people, project):
        def ask(id_: str) -> str:
            offer(people["offerer"], project=id_)
            return id_

        ids = [ask(project["id"])]
        one = self.cost(waiting.ALL)
        ids += [ask(create_project(people)["id"]) for _ in range(3)]
        assert self.cost(waiting.ALL) == one
        assert waiting.jobs.waiting(waiting.JOB) == {*ids}


def test_how_many_things_wait_is_one_statement(people, project):
    for _ in range(3):
        offer(people["offerer"], project=project["id"])
    owner = model.User.get(people["owner"]).id
    with counting() as cost:
        assert waiting.count(owner) == 3
    assert len(cost.sql) == 1


def test_datasets_ask_for_nothing(people):
    dataset = factories.Dataset()
    forget_jobs()
    as_portal("package_delete", id=dataset["id"])
    assert jobs.get_queue().count == 0
