"""From a resident's idea to an entry with an owner: the life of a proposal."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.actors import Actor
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.lib.transitions import Transition
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.proposals.model import Proposal, ProposalState
from ckanext.digifarm.proposals.workflow import TRANSITIONS
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user, in_two_threads
from ..outbox import empty_outbox, waiting_mails
from ..proposing import (
    CONDITIONS,
    PROJECT,
    REVIEWERS,
    SECRETS,
    confirm,
    create_people,
    empty_tables,
    get,
    parameters_of,
    pending,
    project_of,
    propose,
    put_into,
    store_pending,
    token_of,
)
from ..rows import values_of

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app"),
]

STEPS = ("approve", "decline", "request_changes", "update", "withdraw")

#: Who is on which side; core asks no auth function for a sysadmin.
SIDES = {
    Actor.PROPOSER: {"proposer", "sysadmin", "token"},
    Actor.REVIEWER: {"other_reviewer", "reviewer", "sysadmin"},
}

ROLES = (
    "anonymous",
    "other",
    "other_reviewer",
    "project_editor",
    "proposer",
    "review_member",
    "reviewer",
    "sysadmin",
    "token",
)


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


def proposal_in(state: ProposalState, people: dict[str, str]) -> Proposal:
    """A proposal of the proposer's account in a state, without mails."""
    if state is ProposalState.UNCONFIRMED:
        # As of an account without an address.
        proposal = propose()
        proposal.user_id = model.User.get(people["proposer"]).id
        model.Session.commit()
    else:
        proposal = put_into(store_pending(people["proposer"]), state.value)
    empty_outbox()
    return get(proposal.id)


def take(step: str, proposal: Proposal, people, role: str) -> dict[str, Any]:
    """Take a step as somebody."""
    which = {"id": proposal.id}
    if role == "token":
        which = {"token": token_of(proposal)}
        if "REVIEWER" in {a.name for a in actors_of(step)}:
            which["id"] = proposal.id
    user = people.get(role, "")
    return as_user(
        user, f"digifarm_proposal_{step}", **which, **parameters_of(step)
    )


def steps_of(step: str) -> dict[ProposalState | None, Transition]:
    """What the table says of an action, by the state that it starts from."""
    action = f"digifarm_proposal_{step}"
    return {t.source: t for t in TRANSITIONS if t.action == action}


def actors_of(step: str) -> set[Actor]:
    return {actor for t in steps_of(step).values() for actor in t.actors}


def roles_of(step: str) -> set[str]:
    return set().union(*(SIDES[actor] for actor in actors_of(step)))


def events_of(proposal: Proposal) -> list[str]:
    return [e.target for e in Event.of(Subject.PROPOSAL, proposal.id)]


def errors_of(user: str, action: str, **data: Any) -> set[str]:
    with pytest.raises(tk.ValidationError) as raised:
        as_user(user, action, **data)
    model.Session.rollback()
    return set(raised.value.error_dict)


class TestTable:
    @pytest.mark.parametrize("state", list(ProposalState))
    @pytest.mark.parametrize("step", STEPS)
    def test_says_what_may_become_of_it_and_who_may(self, step, state, people):
        """Others are refused before they learn what would be possible."""
        proposal = proposal_in(state, people)
        key, before = proposal.token_key, events_of(proposal)
        is_possible = state in steps_of(step)
        for role in ROLES:
            if role not in roles_of(step):
                refusal: type[Exception] = tk.NotAuthorized
            elif not is_possible:
                refusal = tk.ValidationError
            else:
                continue
            with pytest.raises(refusal):
                take(step, proposal, people, role)
            stored = get(proposal.id)
            assert (stored.state, stored.token_key) == (state.value, key)
            assert events_of(stored) == before
            assert waiting_mails() == []

    @pytest.mark.parametrize(
        ("step", "state", "role"),
        [
            pytest.param(step, state, role, id=f"{step}-{state.value}-{role}")
            for step in STEPS
            for state in steps_of(step)
            for role in sorted(roles_of(step))
            # What nobody has read yet leaves no trace.
            if state not in {None, ProposalState.UNCONFIRMED}
        ],
    )
    def test_is_followed(self, step, state, role, people):
        proposal = proposal_in(state, people)
        found = steps_of(step)[state]
        key, before = proposal.token_key, events_of(proposal)
        result = take(step, proposal, people, role)
        stored = get(proposal.id)
        assert result["state"] == stored.state == found.target.value
        # Who follows it by a link does so until the end.
        assert stored.token_key == key
        assert events_of(stored) == [*before, found.target.value]
        [*_, event] = Event.of(Subject.PROPOSAL, proposal.id)
        actor = model.User.get(people.get(role))
        assert event.created_by == (actor.id if actor else None)
        assert event.reason == parameters_of(step)["reason"]
        addresses = {
            Actor.PROPOSER: ["proposer@example.org"],
            Actor.REVIEWER: [
                "other_reviewer@example.org",
                "reviewer@example.org",
            ],
        }
        expected = [a for side in found.mails for a in addresses[side]]
        told = [mail.recipient_email for mail in waiting_mails()]
        assert sorted(told) == sorted(expected)
        project = project_of(stored)
        goes = found.target.value in {"declined", "withdrawn"}
        assert project.state == ("deleted" if goes else "active")
        assert project.private == (found.target.value != "approved")

    @pytest.mark.parametrize("step", [*STEPS, "show"])
    @pytest.mark.parametrize(
        ("data", "error"),
        [
            ({"id": "nothing"}, tk.ObjectNotFound),
            ({}, tk.ValidationError),
            ({"id": ""}, tk.ValidationError),
            ({"id": "\x00"}, tk.ValidationError),
            ({"id": ["a"]}, tk.ValidationError),
            ({"token": "nonsense"}, tk.ValidationError),
            ({"token": ["a"]}, tk.ValidationError),
        ],
    )
    def test_is_for_what_there_is(self, step, data, error, people):
        parameters = {} if step == "show" else parameters_of(step)
        for user in ("", people["sysadmin"]):
            with pytest.raises(error):
                as_user(
                    user, f"digifarm_proposal_{step}", **data, **parameters
                )

    @pytest.mark.parametrize("state", list(ProposalState))
    def test_says_what_is_confirmed(self, state, people):
        proposal = proposal_in(state, people)
        before = events_of(proposal)
        token = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
        if state is ProposalState.UNCONFIRMED:
            result = as_user("", "digifarm_proposal_confirm", token=token)
            assert result["state"] == get(proposal.id).state == "pending"
            assert events_of(proposal) == [*before, "pending"]
            return
        for user in ("", people["proposer"], people["sysadmin"]):
            with pytest.raises(tk.ValidationError) as raised:
                as_user(user, "digifarm_proposal_confirm", token=token)
            # It says nothing of what has become of the proposal.
            assert raised.value.error_dict == {
                "token": ["This link has been used already"]
            }
        assert get(proposal.id).state == state.value
        assert events_of(proposal) == before
        assert waiting_mails() == []


@pytest.mark.parametrize("user", ["", "proposer"])
def test_what_tests_store_is_what_actions_leave(user, people):
    made, stored = (
        make(people[user] if user else "") for make in (pending, store_pending)
    )
    assert values_of(get(stored.id)) == values_of(get(made.id))
    assert events_of(stored) == events_of(made)
    projects = [project_of(proposal) for proposal in (made, stored)]
    assert values_of(projects[1]) == values_of(projects[0])
    members = [
        values_of(
            model.Session.query(model.Member)
            .filter_by(table_id=project.id, table_name="package")
            .one()
        )
        for project in projects
    ]
    assert members[0] == members[1]


class TestShow:
    @pytest.mark.parametrize("state", list(ProposalState))
    def test_is_for_proposer_and_reviewers(self, state, people):
        proposal = proposal_in(state, people)
        allowed = SIDES[Actor.PROPOSER] | SIDES[Actor.REVIEWER]
        if state is ProposalState.UNCONFIRMED:
            # Nobody hears of what nobody has confirmed.
            allowed = {"token", "sysadmin"}
        for role in ROLES:
            data = {"id": proposal.id}
            if role == "token":
                purpose = Purpose.PROPOSAL
                if state is ProposalState.UNCONFIRMED:
                    purpose = Purpose.PROPOSAL_CONFIRM
                data = {"token": token_of(proposal, purpose)}
            user = people.get(role, "")
            if role not in allowed:
                with pytest.raises(tk.NotAuthorized):
                    as_user(user, "digifarm_proposal_show", **data)
                continue
            shown = as_user(user, "digifarm_proposal_show", **data)
            assert shown["project"]["title"] == PROJECT["title"]
            reviews = role in SIDES[Actor.REVIEWER]
            is_project = state is not ProposalState.UNCONFIRMED
            assert ("duplicates" in shown) == (reviews and is_project)
            is_public = state is ProposalState.APPROVED
            assert ("name" in shown["project"]) == (
                (reviews and is_project) or is_public
            )
            assert all(
                ("created_by" in event) == reviews for event in shown["events"]
            )

    def test_names_public_datasets_only(self, people):
        ids = [factories.Dataset()["id"] for _ in range(3)]
        proposal = pending(people["proposer"], datasets=ids)
        as_portal("package_delete", id=ids[0])
        organization = factories.Organization()["id"]
        as_portal(
            "package_patch", id=ids[1], private=True, owner_org=organization
        )
        for role in ("proposer", "reviewer"):
            shown = as_user(
                people[role], "digifarm_proposal_show", id=proposal.id
            )
            assert [d["name"] for d in shown["datasets"]] == [
                model.Package.get(ids[2]).name
            ]


class TestList:
    def test_of_all_is_for_reviewers(self, people):
        store_pending(people["proposer"])
        for role in ROLES[:-1]:
            if role in SIDES[Actor.REVIEWER]:
                found = as_user(people[role], "digifarm_proposal_list")
                [row] = found["results"]
                assert row["proposer_email"] == "proposer@example.org"
                continue
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], "digifarm_proposal_list")

    def test_of_your_own_is_for_you(self, people):
        mine = store_pending(people["proposer"])
        store_pending()
        propose()
        for role in ROLES[1:-1]:
            found = as_user(people[role], "digifarm_proposal_list", mine=True)
            expected = [mine.id] if role == "proposer" else []
            assert [row["id"] for row in found["results"]] == expected
            assert found["count"] == len(expected)
            assert all("proposer_email" not in r for r in found["results"])
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_proposal_list", mine=True)

    def test_leaves_out_what_nobody_confirmed(self, people):
        propose()
        for state in ([], ["unconfirmed"]):
            found = as_user(
                people["sysadmin"], "digifarm_proposal_list", state=state
            )
            assert found == {"count": 0, "results": []}

    def test_begins_with_what_waits_longest(self, people):
        ids = {}
        for age, state in enumerate(
            ("pending", "changes_requested", "approved", "declined", "pending")
        ):
            proposal = put_into(store_pending(), state)
            proposal.modified = clock.days_ago(age)
            model.Session.commit()
            ids[age] = proposal.id
        found = as_user(people["reviewer"], "digifarm_proposal_list")
        assert [row["id"] for row in found["results"]] == [
            ids[age] for age in (4, 1, 0, 2, 3)
        ]
        page = as_user(
            people["reviewer"],
            "digifarm_proposal_list",
            state=["pending", "approved"],
            limit=1,
            offset=1,
        )
        assert page["count"] == 3
        assert [row["id"] for row in page["results"]] == [ids[0]]


class TestLinks:
    """Those of other things, or of another time, are of no use."""

    def bad_tokens(self, proposal: Proposal) -> dict[str, str]:
        other = store_pending()
        support = Support(
            project_id=other.project_id,
            area="care",
            state="offered",
            token_key=proposal.token_key,
        )
        model.Session.add(support)
        model.Session.commit()
        make = tokens.make
        key = proposal.token_key
        return {
            "nonsense": "nonsense",
            "forged": f"{token_of(proposal)[:-4]}AAAA",
            "used": make(Purpose.PROPOSAL, proposal.id, tokens.new_key()),
            "of a support": make(Purpose.SUPPORT, support.id, key),
            "of a support's id": make(Purpose.PROPOSAL, support.id, key),
            "of a task": make(Purpose.TASK, proposal.id, key),
            "of a form": make(Purpose.FORM, proposal.id, key),
            "to claim": make(Purpose.CLAIM, proposal.id, key),
        }

    @pytest.mark.parametrize("step", ["withdraw", "update", "show"])
    def test_open_nothing(self, step):
        proposal = store_pending()
        action = f"digifarm_proposal_{step}"
        parameters = parameters_of(step) if step != "show" else {}
        bad = self.bad_tokens(proposal)
        if step != "show":
            bad["to confirm"] = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
        for what, token in bad.items():
            for which in ({}, {"id": proposal.id}):
                assert errors_of(
                    "", action, token=token, **which, **parameters
                ) == {"token"}, what
        assert get(proposal.id).state == "pending"

    def test_confirm_nothing(self):
        proposal = propose()
        bad = self.bad_tokens(proposal)
        bad["to follow"] = token_of(proposal)
        for what, token in bad.items():
            assert errors_of("", "digifarm_proposal_confirm", token=token) == {
                "token"
            }, what
        assert get(proposal.id).state == "unconfirmed"

    def test_of_one_proposal_are_none_of_another(self):
        proposal, other = store_pending(), store_pending()
        for step in ("withdraw", "update", "show"):
            parameters = parameters_of(step) if step != "show" else {}
            assert errors_of(
                "",
                f"digifarm_proposal_{step}",
                id=other.id,
                token=token_of(proposal),
                **parameters,
            ) == {"token"}
        assert get(other.id).state == "pending"

    def test_expire(self):
        """The one to confirm soon, the one to follow only after years."""
        unconfirmed, followed = propose(), store_pending()
        token = token_of(unconfirmed, Purpose.PROPOSAL_CONFIRM)
        with changed_config("ckanext.digifarm.token_days", -1):
            assert errors_of("", "digifarm_proposal_confirm", token=token) == {
                "token"
            }
            as_user("", "digifarm_proposal_show", token=token_of(followed))

    @pytest.mark.parametrize("state", list(ProposalState)[1:])
    def test_follow_it_until_the_end(self, state, people):
        """With all that was said of it, also after the decision."""
        proposal = store_pending()
        token = token_of(proposal)
        put_into(proposal, state.value)
        shown = as_user("", "digifarm_proposal_show", token=token)
        assert shown["state"] == state.value
        assert shown["events"]

    def test_do_a_thing_once(self, people):
        token = token_of(store_pending())
        as_user("", "digifarm_proposal_withdraw", token=token)
        assert errors_of("", "digifarm_proposal_withdraw", token=token) == {
            "id"
        }

    def test_show_nothing_that_others_have_changed_since(self, people):
        proposal = store_pending(people["proposer"])
        as_user(
            people["reviewer"],
            "digifarm_proposal_approve",
            id=proposal.id,
            organization="green-office",
        )
        as_portal(
            "package_patch", id=proposal.project_id, private=True, notes="Neu"
        )
        for role in ("proposer", "reviewer"):
            shown = as_user(
                people[role], "digifarm_proposal_show", id=proposal.id
            )
            assert "notes" not in shown["project"]


class TestAtTheSameMoment:
    @pytest.mark.parametrize(
        ("one", "two"),
        [
            (("approve", "reviewer"), ("decline", "other_reviewer")),
            (("approve", "reviewer"), ("approve", "other_reviewer")),
            (("approve", "reviewer"), ("withdraw", "proposer")),
            (("decline", "reviewer"), ("withdraw", "token")),
            (("request_changes", "reviewer"), ("withdraw", "proposer")),
        ],
        ids="-".join,
    )
    def test_one_step_counts(self, one, two, shared_app, people):
        proposal = proposal_in(ProposalState.PENDING, people)
        id_, token = proposal.id, token_of(proposal)
        model.Session.rollback()

        def decide(step: str, role: str) -> Callable[[], str]:
            which = {"token": token} if role == "token" else {"id": id_}
            return lambda: as_user(
                people.get(role, ""),
                f"digifarm_proposal_{step}",
                **which,
                **parameters_of(step),
            )["state"]

        results = in_two_threads(shared_app, decide(*one), decide(*two))
        stored = get(id_)
        project = project_of(stored)
        if one[0] == "request_changes" and stored.state == "withdrawn":
            # Changes may be requested, and then nobody wants them any more.
            assert events_of(stored)[-1] == "withdrawn"
            return
        [state] = [result for result in results if isinstance(result, str)]
        # Whoever comes second is told what has happened.
        assert {"id"} in results or {"token"} in results
        assert stored.state == state
        assert events_of(stored) == ["pending", state]
        assert project.private == (state != "approved")
        assert (project.state == "active") == (
            state in {"approved", "changes_requested"}
        )
        told = {mail.recipient_email for mail in waiting_mails()}
        assert len(waiting_mails()) == (2 if state == "withdrawn" else 1)
        assert ("proposer@example.org" in told) == (state != "withdrawn")

    def test_a_link_confirms_once(self, shared_app):
        proposal = propose()
        token = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
        id_ = proposal.id
        projects = model.Session.query(model.Package).count()
        model.Session.rollback()

        def follow() -> str:
            return as_user("", "digifarm_proposal_confirm", token=token)[
                "state"
            ]

        results = in_two_threads(shared_app, follow, follow)
        assert sorted(results, key=str) == ["pending", {"token"}]
        assert events_of(get(id_)) == ["unconfirmed", "pending"]
        assert model.Session.query(model.Package).count() == projects + 1

    def test_two_of_the_same_title_are_confirmed(self, shared_app):
        title = {"title": "Zur selben Zeit"}
        both = [propose(project=title) for _ in range(2)]
        tokens = [token_of(p, Purpose.PROPOSAL_CONFIRM) for p in both]
        ids = [p.id for p in both]
        model.Session.rollback()

        def follow(token: str) -> Callable[[], str]:
            return lambda: as_user(
                "", "digifarm_proposal_confirm", token=token
            )["state"]

        results = in_two_threads(shared_app, *map(follow, tokens))
        assert results == ["pending"] * 2
        assert {project_of(get(id_)).name for id_ in ids} == {
            "zur-selben-zeit",
            "zur-selben-zeit-2",
        }

    def test_another_picture_in_the_same_form_is_no_double_click(
        self, ckan_config, monkeypatch, tmp_path
    ):
        monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
        sent = [
            propose(
                submission="a form",
                image_upload=upload_of(name),
            ).id
            for name in ("a.png", "a.png", "b.png")
        ]
        assert len(set(sent)) == 2
        assert sent[0] == sent[1]

    def test_a_change_and_a_withdrawal(self, shared_app, people):
        proposal = proposal_in(ProposalState.CHANGES_REQUESTED, people)
        id_ = proposal.id
        model.Session.rollback()

        def act(step: str) -> Callable[[], str]:
            return lambda: as_user(
                people["proposer"],
                f"digifarm_proposal_{step}",
                id=id_,
                **parameters_of(step),
            )["state"]

        results = in_two_threads(shared_app, act("update"), act("withdraw"))
        assert "withdrawn" in results
        stored = get(id_)
        assert stored.state == "withdrawn"
        assert project_of(stored).state == "deleted"
        is_changed = project_of(stored).notes == "Viel mehr"
        assert is_changed == ("pending" in results)

    def test_a_double_click_counts_once(self, shared_app):
        def click() -> Any:
            return as_user(
                "",
                "digifarm_proposal_submit",
                project=PROJECT,
                conditions=CONDITIONS,
                consent=True,
                submission="a form",
                **SECRETS,
            )

        results = in_two_threads(shared_app, *[click] * 4)
        assert results == [results[0]] * 4
        assert model.Session.query(Proposal).count() == 1
        assert len(waiting_mails()) == 1

    def test_a_double_click_with_an_account_makes_one_project(
        self, shared_app, people
    ):
        projects = model.Session.query(model.Package).count()
        model.Session.rollback()

        def click() -> str:
            return propose(people["proposer"], submission="a form").id

        results = in_two_threads(shared_app, click, click)
        assert results[0] == results[1]
        assert model.Session.query(model.Package).count() == projects + 1


def upload_of(name: str) -> FileStorage:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1)).save(buffer, "PNG")
    buffer.seek(0)
    return FileStorage(buffer, name)


class TestConfirming:
    def test_makes_a_private_project_of_the_reviewers(self):
        dataset = factories.Dataset()
        proposal = propose(datasets=[dataset["name"]])
        assert proposal.project_id is None
        assert proposal.payload["project"]["title"] == PROJECT["title"]
        proposal = confirm(proposal)
        assert (proposal.state, proposal.payload) == ("pending", {})
        project = project_of(proposal)
        assert (project.private, project.type) == (True, "civic_project")
        assert model.Group.get(REVIEWERS).id == project.owner_org
        assert Link.get(project.id, dataset["id"])

    def test_tells_publishers_of_data_nothing_of_who_proposes(self, people):
        """They see who has made the other links."""
        ids = [factories.Dataset()["id"] for _ in range(2)]
        proposal = pending(people["proposer"], datasets=ids[:1])
        assert Link.get(proposal.project_id, ids[0]).created_by is None
        put_into(proposal, "changes_requested")
        as_user(
            people["proposer"],
            "digifarm_proposal_update",
            id=proposal.id,
            project={},
            datasets=ids,
        )
        for id_ in ids:
            assert Link.get(proposal.project_id, id_).created_by is None

    def test_leaves_out_datasets_that_are_not_public_any_more(self):
        ids = [factories.Dataset()["id"] for _ in range(3)]
        proposal = propose(datasets=ids)
        organization = factories.Organization()["id"]
        as_portal(
            "package_patch", id=ids[0], private=True, owner_org=organization
        )
        as_portal("package_delete", id=ids[1])
        project = project_of(confirm(proposal))
        linked = [dataset for dataset in ids if Link.get(project.id, dataset)]
        assert linked == ids[2:]

    def test_of_what_is_refused_by_now_says_why(self):
        """The portal's rules may have changed meanwhile."""
        proposal = propose()
        proposal.payload = {
            "project": {**PROJECT, "stage": "unknown"},
            "datasets": [],
        }
        model.Session.commit()
        token = token_of(get(proposal.id), Purpose.PROPOSAL_CONFIRM)
        assert errors_of("", "digifarm_proposal_confirm", token=token) == {
            "stage"
        }
        assert get(proposal.id).state == "unconfirmed"

    def test_ends_where_nobody_reviews_any_more(self):
        proposal = propose()
        token = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
        with (
            changed_config("ckanext.digifarm.review_organization", None),
            pytest.raises(tk.NotAuthorized),
        ):
            as_user("", "digifarm_proposal_confirm", token=token)
        assert get(proposal.id).state == "unconfirmed"
        # Later there may be somebody again.
        assert confirm(get(proposal.id)).state == "pending"


class TestChanging:
    def test_keeps_what_is_not_said(self, people):
        dataset = factories.Dataset()
        proposal = put_into(
            pending(
                project={"tag_string": "hitze, wege"}, datasets=[dataset["id"]]
            ),
            "changes_requested",
        )
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(proposal),
            project={"notes": "Viel mehr"},
        )
        shown = as_user(
            people["reviewer"], "digifarm_proposal_show", id=proposal.id
        )
        assert shown["project"]["notes"] == "Viel mehr"
        assert shown["project"]["title"] == PROJECT["title"]
        assert len(shown["project"]["tags"]) == 2
        assert [d["name"] for d in shown["datasets"]] == [dataset["name"]]

    def test_empties_what_is_emptied(self):
        proposal = put_into(
            pending(project={"notes": "Zu viel", "sdgs": ["1"]}),
            "changes_requested",
        )
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(proposal),
            project={"notes": "", "sdgs": []},
        )
        project = as_portal("package_show", id=proposal.project_id)
        assert not project.get("notes")
        assert not project.get("sdgs")

    def test_lets_datasets_go(self):
        dataset = factories.Dataset()["id"]
        proposal = put_into(pending(datasets=[dataset]), "changes_requested")
        assert Link.get(proposal.project_id, dataset)
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(proposal),
            project={},
            datasets=[],
        )
        assert not Link.get(proposal.project_id, dataset)

    @pytest.mark.parametrize(
        ("project", "field"),
        [
            ({"title": ""}, "title"),
            ({"public_value": " "}, "public_value"),
            ({"source_license": "proprietary"}, "source_license"),
            ({"url": "javascript:alert(1)"}, "url"),
            ({"owner_org": "green-office"}, "owner_org"),
            ({"private": False}, "private"),
            ({"name": "mine"}, "name"),
            ({"state": "active"}, "state"),
        ],
    )
    def test_is_refused_by_name(self, project, field):
        proposal = put_into(store_pending(), "changes_requested")
        assert field in errors_of(
            "",
            "digifarm_proposal_update",
            token=token_of(proposal),
            project=project,
        )
        stored = get(proposal.id)
        assert stored.state == "changes_requested"
        assert project_of(stored).title == PROJECT["title"]

    def test_leaves_links_alone_that_the_proposer_does_not_see(self, people):
        hidden = factories.Dataset(
            private=True, owner_org=factories.Organization()["id"]
        )
        seen, wanted = factories.Dataset(), factories.Dataset()
        proposal = put_into(pending(datasets=[seen["id"]]), "pending")
        as_portal(
            "digifarm_link_create",
            project=proposal.project_id,
            dataset=hidden["id"],
        )
        put_into(proposal, "changes_requested")
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(get(proposal.id)),
            project={},
            datasets=[wanted["id"]],
        )
        linked = {
            dataset["title"]
            for dataset in (hidden, seen, wanted)
            if Link.get(proposal.project_id, dataset["id"])
        }
        assert linked == {hidden["title"], wanted["title"]}


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ("package_patch", {"private": False}),
        ("package_patch", {"private": "False"}),
        ("package_patch", {"owner_org": "green-office"}),
        ("package_patch", {"state": "deleted"}),
        ("package_delete", {}),
        ("package_owner_org_update", {"organization_id": "green-office"}),
        ("bulk_update_public", {}),
        ("bulk_update_delete", {}),
    ],
)
def test_only_a_decision_makes_a_proposal_public_or_ends_it(
    people, action, changes
):
    project = project_of(store_pending())
    if action.startswith("bulk"):
        organization = project.owner_org
        changes = {"datasets": [project.id], "org_id": organization}
    else:
        changes = {**changes, "id": project.id}
    for role in ("sysadmin", "other_reviewer"):
        with pytest.raises((tk.ValidationError, tk.NotAuthorized)):
            as_user(people[role], action, **changes)
        model.Session.rollback()
        model.Session.expire_all()
        stored = model.Package.get(project.id)
        assert (stored.private, stored.state) == (True, "active")
        assert model.Group.get(REVIEWERS).id == stored.owner_org


def test_reviewers_edit_what_a_proposal_says(people):
    project = project_of(store_pending())
    as_user(
        people["reviewer"], "package_patch", id=project.id, notes="Genauer"
    )
    assert model.Package.get(project.id).notes == "Genauer"
    for role in ("proposer", "other", "review_member", "project_editor"):
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], "package_patch", id=project.id, notes="Nein")
