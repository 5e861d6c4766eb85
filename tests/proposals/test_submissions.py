"""What a proposal must say, and what it may not."""

from __future__ import annotations

import json
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_portal, as_user
from ..outbox import waiting_mails
from ..proposing import (
    CONDITIONS,
    PROJECT,
    REVIEWERS,
    SECRETS,
    confirm,
    create_people,
    empty_tables,
    pending,
    project_of,
    propose,
)

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app"),
]

SUBMIT = "digifarm_proposal_submit"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


def data_with(**changes: Any) -> dict[str, Any]:
    """All that a proposal needs, with changes; what is None is left out."""
    data = {
        "project": PROJECT,
        "conditions": CONDITIONS,
        "consent": True,
        **SECRETS,
        **changes,
    }
    return {key: value for key, value in data.items() if value is not None}


def errors_of(user: str = "", **changes: Any) -> dict[str, Any]:
    """What is wrong with a proposal; nothing is stored then."""
    packages = model.Session.query(model.Package).count()
    with pytest.raises(tk.ValidationError) as raised:
        as_user(user, SUBMIT, **data_with(**changes))
    model.Session.rollback()
    assert model.Session.query(Proposal).count() == 0
    assert model.Session.query(model.Package).count() == packages
    assert waiting_mails() == []
    return raised.value.error_dict


class TestPeople:
    @pytest.mark.parametrize(
        "consent",
        [None, False, "", "false", "no", 0, 1, "1", "yes", [], {}],
        ids=repr,
    )
    def test_agree_that_it_is_stored(self, consent):
        assert set(errors_of(consent=consent)) == {"consent"}

    @pytest.mark.parametrize("consent", [True, "true", "True"])
    def test_consent_is_written_down(self, consent):
        assert propose(consent=consent).consented

    @pytest.mark.parametrize(
        "conditions",
        [
            None,
            [],
            "",
            "open_source",
            *[[c for c in CONDITIONS if c != left] for left in CONDITIONS],
            {"open_source": True},
            5,
            [CONDITIONS],
        ],
        ids=repr,
    )
    def test_confirm_each_condition(self, conditions):
        assert set(errors_of(conditions=conditions)) == {"conditions"}

    def test_may_confirm_more(self):
        assert propose(conditions=[*CONDITIONS, "more"])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("proposer_name", None),
            ("proposer_name", ""),
            ("proposer_name", "  "),
            ("proposer_name", "a\nb"),
            ("proposer_name", "a" * 201),
            ("proposer_name", "\x00"),
            ("proposer_name", ["a"]),
            ("proposer_email", None),
            ("proposer_email", ""),
            ("proposer_email", "nobody"),
            ("proposer_email", "a@example.org\nBcc: b@example.org"),
            ("proposer_email", "a@example.org, b@example.org"),
            ("proposer_email", ["a@example.org"]),
            ("submission", ["a"]),
            ("submission", "a" * 201),
            ("datasets", {"a": "b"}),
            ("datasets", ["\x00"]),
            ("datasets", [["a"]]),
            ("project", None),
            ("project", "text"),
            ("project", ["a"]),
            ("project", 5),
        ],
    )
    def test_say_who_they_are_and_what_it_is(self, field, value):
        assert set(errors_of(**{field: value})) == {field}

    def test_are_reached_at_the_address_of_their_account(self, people):
        proposal = propose(
            people["proposer"], proposer_email="victim@example.org"
        )
        assert proposal.proposer_email == "proposer@example.org"
        assert proposal.state == "pending"
        assert all("victim" not in m.recipient_email for m in waiting_mails())

    def test_without_an_address_in_their_account_confirm(self):
        user = factories.User()
        model.User.get(user["id"]).email = None
        model.Session.commit()
        assert set(errors_of(user["name"], proposer_email=None)) == {
            "proposer_email"
        }
        assert propose(user["name"]).state == "unconfirmed"

    @pytest.mark.parametrize("role", ["anonymous", "proposer", "sysadmin"])
    def test_learn_no_more_than_needed(self, role, people):
        result = as_user(people[role], SUBMIT, **data_with())
        assert set(result) == {"id", "state"}


class TestProject:
    @pytest.mark.parametrize("name", ["title", "summary", "public_value"])
    @pytest.mark.parametrize("value", ["", "  ", None, [], False])
    def test_says_what_matters_most(self, name, value):
        assert name in errors_of(project={**PROJECT, name: value})
        without = {k: v for k, v in PROJECT.items() if k != name}
        assert set(errors_of(project=without)) == {name}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("owner_org", "green-office"),
            ("private", False),
            ("name", "mine"),
            ("state", "active"),
            ("id", "an-id"),
            ("type", "dataset"),
            ("image_upload", "a"),
            ("creator_user_id", "a"),
            ("extras", [{"key": "a", "value": "b"}]),
            ("resources", []),
            ("tags", [{"name": "hitze"}]),
            ("groups", []),
            ("license_id", "cc-by"),
            ("author_email", "a@example.org"),
            ("metadata_created", "2020-01-01"),
            ("plugin_data", {}),
            ("whatever", "else"),
            ("", ""),
            ("__junk", 1),
            ("\ud800", 1),
        ],
    )
    def test_says_nothing_that_is_not_asked_for(self, name, value):
        assert set(errors_of(project={**PROJECT, name: value})) == {name}

    def test_names_all_that_is_wrong(self):
        errors = errors_of(
            project={
                "summary": "a" * 221,
                "url": "javascript:alert(1)",
                "stage": "nowhere",
                "action_fields": ["nothing"],
                "started": "yesterday",
            }
        )
        assert set(errors) == {
            "action_fields",
            "public_value",
            "source_license",
            "stage",
            "started",
            "summary",
            "title",
            "url",
        }

    def test_keeps_all_that_is_asked_for(self):
        said = {
            **PROJECT,
            "notes": "**Viel** zu sagen",
            "stage": "live",
            "url": "https://example.org/app",
            "source_url": "https://example.org/code",
            "action_fields": ["mobility"],
            "help_wanted": ["care", "technology"],
            "technologies": ["Python", "Vue"],
            "tag_string": "hitze, wege",
            "started": "2021-10",
        }
        project = as_portal(
            "package_show", id=confirm(propose(project=said)).project_id
        )
        tags = said.pop("tag_string")
        kept = {name: project[name] for name in said}
        assert {**kept, "help_wanted": sorted(kept["help_wanted"])} == said
        assert ", ".join(t["name"] for t in project["tags"]) == tags
        assert project["name"].startswith("schattenwege")


class TestLicence:
    @pytest.mark.parametrize(
        ("license_", "intended", "stage"),
        [
            ("EUPL-1.2", False, ""),
            ("MIT OR LicenseRef-own", False, "live"),
            ("GPL v3", False, "live"),
            ("CC0-1.0", False, "live"),
            ("", True, "idea"),
            ("", "true", "in_progress"),
            # Reviewers find it out.
            ("NOASSERTION", False, "live"),
        ],
    )
    def test_may_be_open_or_announced(self, license_, intended, stage):
        project = {
            **PROJECT,
            "source_license": license_,
            "open_source_intended": intended,
            "stage": stage,
        }
        assert propose(project=project)

    @pytest.mark.parametrize(
        ("license_", "intended", "stage", "words"),
        [
            ("CC-BY-NC-4.0", False, "live", "not an open-source licence"),
            ("CC-BY-NC-4.0", True, "idea", "not an open-source licence"),
            ("MIT AND CC-BY-NC-4.0", False, "", "not an open-source licence"),
            ("Was wir wollen", False, "live", "don’t know the licence"),
            ("", True, "live", "name the licence"),
            ("", True, "", "name the licence"),
            ("", False, "idea", "name the licence"),
            ("", False, "", "name the licence"),
            (None, "no", "", "name the licence"),
            ("LicenseRef-own", False, "live", "don’t know the licence"),
        ],
    )
    def test_is_explained(self, license_, intended, stage, words):
        project = {
            **PROJECT,
            "source_license": license_,
            "open_source_intended": intended,
            "stage": stage,
        }
        errors = errors_of(project=project)
        assert set(errors) == {"source_license"}
        assert words in errors["source_license"][0]

    @pytest.mark.parametrize(
        ("license_", "status"),
        [
            ("MIT", "open"),
            ("CC-BY-NC-4.0", "not_open"),
            ("Unsinn", "not_verified"),
            ("", "not_verified"),
        ],
    )
    def test_is_judged_while_it_is_entered(self, license_, status):
        verdict = as_user(
            "", "digifarm_license_check", source_license=license_
        )
        assert verdict["status"] == status
        assert (verdict["complaint"] == "") == (status == "open")
        assert license_ in verdict["label"] or verdict["complaint"]


class TestDatasets:
    def test_that_nobody_may_know_are_refused_in_the_same_words(self, people):
        """Whether one is private or unknown is nobody's business."""
        organization = factories.Organization()["id"]
        private = factories.Dataset(private=True, owner_org=organization)
        deleted = factories.Dataset()
        as_portal("package_delete", id=deleted["id"])
        project = factories.Dataset(
            type="civic_project", owner_org=organization
        )
        messages = [
            errors_of(people[role], datasets=[reference])
            for role in ("anonymous", "proposer", "reviewer", "sysadmin")
            for reference in (
                "unknown",
                "",
                private["id"],
                private["name"],
                deleted["id"],
                project["name"],
                '"',
                "*:*",
            )
        ]
        assert all(m == messages[0] for m in messages)
        assert set(messages[0]) == {"datasets"}

    def test_are_linked_once(self, people):
        dataset = factories.Dataset()
        proposal = pending(
            people["proposer"], datasets=[dataset["id"], dataset["name"]]
        )
        project = project_of(proposal)
        found = as_portal("digifarm_dataset_list", project=project.id)
        assert [row["id"] for row in found["results"]] == [dataset["id"]]

    def test_are_no_endless_list(self):
        with changed_config("ckan.search.rows_max", 2):
            assert set(errors_of(datasets=["a", "b", "c"])) == {"datasets"}


class TestForm:
    """What the form is known by keeps a double click from counting twice."""

    def test_counts_once(self):
        first = propose(submission="a form")
        assert propose(submission="a form").id == first.id
        assert len(waiting_mails()) == 1

    def test_is_another_one_once_it_is_changed(self, people):
        ids = {
            propose(submission="a form", **changes).id
            for changes in (
                {},
                {"proposer_email": "richtig@example.org"},
                {"project": {"title": "Sonnenwege"}},
                {"project": {"notes": "Mehr"}},
                {"datasets": [factories.Dataset()["name"]]},
            )
        }
        assert len(ids) == len(waiting_mails()) == 5

    def test_is_not_known_without_a_name(self):
        assert propose().id != propose().id
        assert propose(submission="").id != propose(submission="").id


class TestLimits:
    OPTION = "ckanext.digifarm.limits"

    @pytest.fixture(autouse=True)
    def forgotten(self):
        def forget() -> None:
            redis = connect_to_redis()
            if keys := list(redis.scan_iter("*digifarm*")):
                redis.delete(*keys)

        forget()
        yield
        forget()

    def post(self, app: Any, **changes: Any) -> Any:
        return app.post(
            f"/api/3/action/{SUBMIT}",
            data=json.dumps(data_with(**changes)),
            headers={"Content-Type": "application/json"},
        )

    def test_of_an_address_on_the_net(self, shared_app):
        with changed_config(f"{self.OPTION}.address", "2 per hour"):
            codes = [
                self.post(
                    shared_app, proposer_email=f"a{n}@example.org"
                ).status_code
                for n in range(3)
            ]
        assert codes == [200, 200, 429]
        assert model.Session.query(Proposal).count() == 2

    def test_of_a_mailbox_in_any_spelling(self, shared_app):
        with changed_config(f"{self.OPTION}.email", "2 per hour"):
            responses = [
                self.post(shared_app, proposer_email=email)
                for email in (
                    "a@example.org",
                    "A@example.org",
                    "a@EXAMPLE.org",
                )
            ]
        # Nobody learns which of them was used before.
        assert [r.status_code for r in responses] == [200, 200, 200]
        assert len(waiting_mails()) == 2

    def test_not_of_what_is_refused(self, shared_app):
        """Who mistypes something has not proposed anything yet."""
        with changed_config(f"{self.OPTION}.address", "2 per hour"):
            codes = [
                self.post(shared_app, datasets=["unknown"]).status_code
                for _ in range(3)
            ]
        assert codes == [409, 409, 409]


def test_a_get_request_proposes_nothing(shared_app):
    response = shared_app.get(f"/api/3/action/{SUBMIT}?consent=true")
    assert response.status_code == 400
    for step in ("confirm", "withdraw", "update", "approve", "decline"):
        url = f"/api/3/action/digifarm_proposal_{step}?id=a&token=a"
        assert shared_app.get(url).status_code == 400
