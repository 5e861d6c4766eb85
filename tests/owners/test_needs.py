"""What is to be done for a project, by its rules alone."""

from __future__ import annotations

import datetime

import pytest

from ckanext.digifarm.owners import needs as care
from ckanext.digifarm.projects.licences import LicenseStatus

NOW = datetime.datetime.fromisoformat("2025-06-01T12:00:00")

#: A project for which nothing is to be done.
WELL = {
    "state": "active",
    "private": False,
    "stage": "live",
    "metadata_modified": "2025-05-01T10:00:00.000001",
}


def needs(changes=None, supports=(), status=LicenseStatus.OPEN, held=None):
    project = {**WELL, **(changes or {})}
    return care.needs(project, supports, status, NOW, held)


def test_where_all_is_well_nothing_needs_care():
    assert needs() == []


def test_what_needs_care_comes_in_a_fixed_order():
    found = needs(
        {
            "help_wanted": ["technology"],
            "image_url": "karte.png",
            "metadata_modified": "2020-01-01T00:00:00",
        },
        [("content", "offered")],
        LicenseStatus.NOT_OPEN,
        held={"reported": 1, "taken": 2},
    )
    assert [need["need"] for need in found] == [
        need.value for need in care.Need
    ]


def test_offers_are_counted_until_they_are_answered():
    states = ["offered", "offered", "accepted", "requested", "declined"]
    found = needs(supports=[("content", state) for state in states])
    assert found == [{"need": "offers", "count": 2}]


def test_help_is_missing_where_nobody_gives_it_yet():
    wanted = {"help_wanted": ["content", "technology", "care"]}
    supports = [
        ("technology", "accepted"),
        ("content", "ended"),
        ("care", "requested"),
        ("sponsoring", "accepted"),
    ]
    assert needs(wanted, supports) == [
        {"need": "no_supporter", "areas": ["content", "care"]}
    ]
    supports += [("content", "accepted"), ("care", "accepted")]
    assert needs(wanted, supports) == []


@pytest.mark.parametrize(
    ("status", "needs_care"),
    [
        (LicenseStatus.OPEN, False),
        (LicenseStatus.ANNOUNCED, False),
        (LicenseStatus.NOT_VERIFIED, True),
        (LicenseStatus.NOT_OPEN, True),
    ],
)
def test_the_licence_must_be_open_or_announced(status, needs_care):
    expected = {"need": "license", "status": status.value}
    assert needs(status=status) == ([expected] if needs_care else [])


@pytest.mark.parametrize(
    ("picture", "needs_care"),
    [
        ({"image_url": "karte.png"}, True),
        ({"image_url": "karte.png", "image_alt": ""}, True),
        ({"image_url": "karte.png", "image_alt": "Eine Karte"}, False),
        ({"image_url": "", "image_alt": ""}, False),
    ],
)
def test_a_picture_must_be_described(picture, needs_care):
    assert needs(picture) == ([{"need": "image_alt"}] if needs_care else [])


@pytest.mark.parametrize(
    ("modified", "stage", "needs_care"),
    [
        ("2024-06-01T11:59:59.000001", "live", True),
        ("2024-06-01T12:00:00", "live", False),
        # Nothing changes any more.
        ("2020-06-01T12:00:00", "ended", False),
        ("2020-06-01T12:00:00", None, True),
    ],
)
def test_what_nobody_has_touched_for_a_year_is_stale(
    modified, stage, needs_care
):
    found = needs({"metadata_modified": modified, "stage": stage})
    assert found == ([{"need": "stale"}] if needs_care else [])


@pytest.mark.parametrize(
    ("confirmed", "needs_care"),
    [("2024-06-01", True), ("2024-06-02", False)],
)
def test_what_somebody_has_confirmed_is_not(confirmed, needs_care):
    found = needs(
        {
            "metadata_modified": "2020-06-01T12:00:00",
            "stage": "live",
            "confirmed": confirmed,
        }
    )
    assert found == ([{"need": "stale"}] if needs_care else [])


def test_what_nobody_has_answered_for_is():
    assert needs({"silent_since": "2025-01-01"}) == [{"need": "stale"}]


@pytest.mark.parametrize(
    ("changes", "is_owned", "reason"),
    [
        ({}, True, None),
        ({"help_wanted": ["care"], "silent_since": "2024"}, True, "wanted"),
        ({}, False, "nobody"),
        ({"stage": None, "help_wanted": None}, False, "nobody"),
        ({"help_wanted": ["content"]}, True, None),
        ({"help_wanted": ["care"]}, True, "wanted"),
        ({"help_wanted": ["care"]}, False, "wanted"),
        ({"help_wanted": ["care"], "stage": "ended"}, False, None),
        ({"help_wanted": ["care"], "private": True}, False, None),
        ({"help_wanted": ["care"], "state": "deleted"}, False, None),
    ],
)
def test_why_a_project_looks_for_somebody(changes, is_owned, reason):
    found = care.search({**WELL, **changes}, is_owned=is_owned)
    assert (found.value if found else None) == reason
