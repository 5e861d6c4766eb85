"""Whoever purges a project or forgets a person, no step waits for ever.

Each step is interrupted before each of its locks: there the other begins, and
gets as far as it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock, tokens, waiting
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.owners import needs
from ckanext.digifarm.owners.model import Invitation
from ckanext.digifarm.partners import privacy as partners
from ckanext.digifarm.privacy.erasure import erase
from ckanext.digifarm.support import privacy as supports
from ckanext.digifarm.support.model import Support

from .. import proposing
from ..acting import as_portal, as_user, copy_of, organization_of
from ..all_steps import ALL_STEPS, USED
from ..interrupted import LOCKING, Act, attempt, deadlock
from ..locks import meanwhile
from ..offering import token_of
from ..scenes import (
    LINK,
    Scene,
    Start,
    confirmation,
    invitation,
    partner,
    proposal,
    support,
)

CLAIM = "digifarm_project_claim"


@dataclass(frozen=True)
class TeamCase:
    """What changes a project or who owns it, besides the steps of all lives.

    :param role: who does it
    :param begin: what is there before
    :param act: does it
    """

    name: str
    role: str
    begin: Callable[[Scene], Start]
    act: Callable[[Scene, Start], Any]

    def __str__(self) -> str:
        return self.name

    def call(self, scene: Scene, start: Start) -> Any:
        """Do it."""
        return self.act(scene, start)


def caring(state: str) -> Callable[[Scene], Start]:
    """Care that `offerer` gives, and owns the project by, or would give."""

    def begin(scene: Scene) -> Start:
        start = support(state)(scene)
        start.row.area = needs.CARE
        if state == "accepted":
            start.row.owner_id = start.row.user_id
            model.Session.add(
                model.PackageMember(
                    package_id=scene.project["id"],
                    user_id=start.row.user_id,
                    capacity="editor",
                )
            )
        model.Session.commit()
        return Start(start.row, token_of(start.row))

    return begin


def all_of_a_team(scene: Scene) -> Start:
    """Somebody cares for a project, hands it over, and others are sought."""
    confirmation("searching")(scene)
    handing_over("offerer")(scene)
    return caring("accepted")(scene)


def handing_over(role: str) -> Callable[[Scene], Start]:
    """An invitation of somebody who would look after it no longer."""

    def begin(scene: Scene) -> Start:
        start = invitation("invited")(scene)
        start.row.created_by = model.User.get(scene.named(role)).id
        start.row.hands_over = True
        model.Session.commit()
        return start

    return begin


def cared_handing_over(scene: Scene) -> Start:
    all_of_a_team(scene)
    row = model.Session.query(Invitation).one()
    token = tokens.make(Purpose.CLAIM, row.id, row.token_key)
    return Start(row, token)


def sought(scene: Scene) -> Start:
    """An offer of care of a project that was silent for long."""
    start = confirmation("searching")(scene)
    start.row.silent = clock.now()
    return caring("offered")(scene)


def to_claim(begin: Callable[[Scene], Start]) -> Callable[[Scene], Start]:
    """Something by whose link a project is claimed."""

    def claimed(scene: Scene) -> Start:
        row = begin(scene).row
        row.user_id = None
        model.Session.commit()
        make = token_of if isinstance(row, Support) else proposing.token_of
        return Start(row, make(row, Purpose.CLAIM))

    return claimed


def claim(scene: Scene, start: Start) -> None:
    as_user(scene.named("other"), CLAIM, token=start.token)


def remove(scene: Scene, _: Start) -> None:
    name = scene.named("offerer")
    as_user(name, "digifarm_owner_remove", project=scene.project["id"])


def take_from(scene: Scene, _: Start) -> None:
    as_portal(
        "package_collaborator_delete",
        id=scene.project["id"],
        user_id=scene.named("offerer"),
    )


def accept(scene: Scene, start: Start) -> None:
    as_user(scene.named("owner"), "digifarm_support_accept", id=start.id)


def end(scene: Scene, start: Start) -> None:
    as_user(scene.named("owner"), "digifarm_support_end", id=start.id)


def edit(scene: Scene, _: Start) -> None:
    as_user(
        scene.named("project_editor"),
        "package_patch",
        id=scene.project["id"],
        summary="Anders",
    )


def move(scene: Scene, _: Start) -> None:
    as_portal(
        "package_owner_org_update",
        id=scene.project["id"],
        organization_id=organization_of(editor=[scene.named("other")]),
    )


TEAM = (
    TeamCase("claim-invitation", "other", handing_over("owner"), claim),
    TeamCase("claim-of-carer", "other", cared_handing_over, claim),
    TeamCase("claim-support", "other", to_claim(support("accepted")), claim),
    TeamCase("claim-proposal", "other", to_claim(proposal("approved")), claim),
    TeamCase("step-down", "offerer", all_of_a_team, remove),
    TeamCase("take-from", "offerer", all_of_a_team, take_from),
    TeamCase("accept-care", "offerer", sought, accept),
    TeamCase("end-care", "offerer", all_of_a_team, end),
    # Those who look after it are told; one of them is forgotten meanwhile.
    TeamCase("edit", "offerer", all_of_a_team, edit),
    TeamCase("move", "offerer", all_of_a_team, move),
)


@pytest.fixture(autouse=True)
def _nobody_new(scene) -> Any:
    """Forget whom a test has made an owner."""
    yield
    model.Session.rollback()
    offerer = model.User.get(scene.named("offerer"))
    model.Session.query(model.PackageMember).filter_by(
        user_id=offerer.id
    ).delete()
    model.Session.commit()


def person(case: Any) -> str:
    """The address of whoever takes a step."""
    if case.role != LINK:
        return f"{case.role}@example.org"
    is_kim = case.name.startswith(("task", "question"))
    return "kim@example.org" if is_kim else "geheim@example.org"


def purge(scene: Scene, _: Any, start: Start) -> Act:
    """A sysadmin purges the project."""
    own = getattr(start.row, "project_id", None)
    id_ = own or scene.project["id"]
    return attempt(lambda: as_portal("dataset_purge", id=id_))


def forget(_: Scene, case: Any, __: Start) -> Act:
    """Whoever takes the step is forgotten."""
    email = person(case)
    # Mails are, first, in a transaction of their own.
    return attempt(lambda: erase(email, with_account=True), kept=1)


def look_again(scene: Scene, _: Any, start: Start) -> Act:
    """A worker says anew for whom steps of the project wait."""
    own = getattr(start.row, "project_id", None)
    id_ = own or scene.project["id"]

    def look() -> None:
        waiting.look_again(id_)
        model.Session.commit()

    return attempt(look)


@pytest.mark.parametrize("other", [purge, forget, look_again])
@pytest.mark.parametrize("case", [*ALL_STEPS, *TEAM], ids=str)
def test_no_two_wait_for_each_other(case, other, scene, shared_app):
    start = case.begin(scene)
    one = attempt(lambda: case.call(scene, start))
    # What stands in the search index is nobody's lock.
    with changed_config("ckan.search.solr_commit", False):
        found = deadlock(shared_app, one, other(scene, case, start))
    assert found == ""


def test_neither_do_who_purges_and_who_forgets_for_age(scene, shared_app):
    """Supports are locked in one order, whatever is to become of each."""
    for id_, state in (("1", "declined"), ("2", "offered")):
        row = support(state)(scene).row
        row.id = id_
        row.modified = clock.days_ago(1000)
    model.Session.commit()

    def forget_old() -> None:
        supports.forget(clock.days_ago(999))
        model.Session.commit()

    one = attempt(forget_old)
    assert deadlock(shared_app, one, purge(scene, None, Start(row))) == ""


def test_nor_for_the_age_of_partners(scene, shared_app):
    """What was offered in the name of several, too."""
    for id_, other in (("1", "2"), ("2", "1")):
        named = partner("unconfirmed", f"Verein {id_}")(scene).row
        named.id = id_
        named.created = clock.days_ago(1000)
        row = support("declined")(scene).row
        row.id = other
        row.modified = clock.days_ago(1000)
        model.Session.flush()
        row.partner_id = id_
    model.Session.commit()

    def forget_old() -> None:
        partners.forget(clock.days_ago(999))
        model.Session.commit()

    one = attempt(forget_old)
    assert deadlock(shared_app, one, purge(scene, None, Start(row))) == ""


def test_neither_do_who_purges_and_who_forgets_a_person(scene, shared_app):
    """One support is theirs, and by another one they own the project."""
    row = caring("accepted")(scene).row
    row.id = "1"
    row.user_id = None
    row.contact_email = "kim@example.org"
    own = support("offered")(scene).row
    own.id = "2"
    model.Session.commit()
    one = attempt(lambda: erase("offerer@example.org"), kept=1)
    assert deadlock(shared_app, one, purge(scene, None, Start(row))) == ""


def test_who_claims_what_is_purged_meanwhile_is_told(scene, shared_app):
    project = copy_of(scene.project)
    row = handing_over("project_editor")(scene).row
    row.project_id = project["id"]
    model.Session.commit()
    token = tokens.make(Purpose.CLAIM, row.id, row.token_key)
    # Whoever comes first; the purge has to wait for nobody.
    with (
        meanwhile(
            shared_app,
            lambda sql, _: bool(LOCKING.search(sql)),
            lambda: as_portal("dataset_purge", id=project["id"]),
        ) as waited,
        pytest.raises(tk.ValidationError) as raised,
    ):
        as_user(scene.named("other"), CLAIM, token=token)
    assert waited == [False]
    assert raised.value.error_dict == USED
