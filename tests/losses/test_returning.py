"""Who was alarmed hears that the data is there again."""

from __future__ import annotations

from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import call_action
from ckanext.digifarm.losses.model import LinkedDataset
from ckanext.digifarm.notices.model import Notice, NoticeSettings
from dev.counting import counting

from ..acting import as_portal, as_user
from ..outbox import waiting_mails
from .conftest import deliver, link, look, look_twice, told
from .test_second_look import (
    delete,
    hide,
    move,
    move_back,
    publish,
    restore,
    with_all,
    without_csv,
)
from .test_ways import DELETED, by_draft, by_purge, without_format

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits", "nothing")

Package = dict[str, Any]

BACK = "The dataset “Baumkataster”, which “Durstige Bäume” uses, is "
THERE = f"{BACK}there again"


def create_again(dataset: Package) -> None:
    as_portal(
        "package_create",
        **{
            key: dataset[key]
            for key in ("id", "name", "title", "owner_org", "resources")
        },
    )


@pytest.mark.parametrize(
    ("take", "give_back", "words"),
    [
        (delete, restore, "there again"),
        (by_draft, restore, "there again"),
        (hide, publish, "there again"),
        (move, move_back, "back with its organization"),
        (without_csv, with_all, "there as CSV again"),
    ],
)
def test_it_is_told_once_to_those_who_were_alarmed(
    take, give_back, words, dataset, owner, people
):
    take(dataset)
    look_twice()
    deliver()
    give_back(dataset)
    look(20)
    look(30)
    assert told() == {}
    look(36)
    look(60)
    assert told() == {owner: [f"{BACK}{words}"]}
    old, new = _shown(people["owner"])
    assert (new["kind"], old["kind"]) == ("data-returned", "data-lost")
    assert any("has been there again since" in text for text in old["text"])
    labels = {step["label"] for step in (*old["steps"], *new["steps"])}
    assert labels == {
        "Look at the dataset",
        "Look at which datasets “Durstige Bäume” is linked with",
    }


def _shown(user: str) -> list[dict[str, Any]]:
    """What somebody is told on their page, the oldest first."""
    found = as_user(user, "digifarm_notice_list")["results"]
    return sorted(found, key=lambda notice: notice["created"])


def test_created_again_after_a_purge_it_has_to_be_linked(
    dataset, owner, owned_project
):
    by_purge(dataset)
    look_twice()
    deliver()
    create_again(dataset)
    look(20)
    look(36)
    assert told() == {owner: [THERE]}
    [mail] = waiting_mails()
    body = " ".join(mail.body.split())
    page = f"/civic_project/{owned_project['name']}#links"
    assert f"Link “Durstige Bäume” with it: http://test.ckan.net{page}" in body


@pytest.mark.parametrize("give_back", [None, move])
def test_what_is_not_as_before_is_not_back(give_back, dataset, owner):
    """It is gone still, or another organisation has it."""
    move(dataset)
    look_twice()
    deliver()
    if give_back:
        give_back(dataset)
    look(20)
    look(60)
    assert [line for line in told().get(owner, ()) if "back" in line] == []


def test_what_was_never_told_is_not_told_to_be_back(dataset):
    delete(dataset)
    look()
    restore(dataset)
    for minutes in (16, 32, 60):
        look(minutes)
    assert told() == {}


def test_an_alarm_that_has_not_gone_out_goes_no_more(dataset, owner):
    """It is called off before, so nothing is told at all."""
    delete(dataset)
    look_twice()
    restore(dataset)
    look(20)
    look(36)
    assert told() == {owner: [DELETED]}
    [notice] = model.Session.query(Notice)
    assert notice.data["back"]
    from ckanext.digifarm.notices import sending  # noqa: PLC0415

    [mail] = waiting_mails()
    assert sending.URGENT.may_go(mail) is False


def test_who_wants_no_mails_of_alarms_gets_none(dataset, people):
    user = model.User.get(people["owner"])
    assert user
    NoticeSettings.change(user.id, {"off": ["data-lost"]})
    model.Session.commit()
    delete(dataset)
    look_twice()
    restore(dataset)
    look(20)
    look(36)
    assert told() == {}
    [notice] = _shown(people["owner"])
    assert any("has been there again" in text for text in notice["text"])


def test_the_time_begins_anew_where_it_goes_meanwhile(dataset, owner):
    without_csv(dataset)
    look_twice()
    deliver()
    with_all(dataset)
    look(20)
    without_csv(dataset)
    look(25)
    with_all(dataset)
    look(30)
    look(40)
    assert told() == {}
    look(46)
    assert told() == {owner: [f"{BACK}there as CSV again"]}


def test_what_comes_back_twice_is_told_twice(dataset, owner):
    for minutes in (0, 100):
        delete(dataset)
        look(minutes)
        look(minutes + 16)
        deliver()
        restore(dataset)
        look(minutes + 20)
        look(minutes + 36)
    # The first mail was delivered meanwhile.
    assert told() == {owner: [THERE]}
    kinds = [n.kind for n in model.Session.query(Notice)]
    assert sorted(kinds) == ["data-lost"] * 2 + ["data-returned"] * 2


def test_what_was_told_apart_is_back_at_once(dataset, owner):
    without_csv(dataset)
    look_twice()
    delete(dataset)
    look(20)
    look(36)
    assert told() == {owner: [without_format("CSV"), DELETED]}
    deliver()
    as_portal(
        "package_patch",
        id=dataset["id"],
        state="active",
        resources=dataset["resources"],
    )
    look(40)
    look(56)
    assert told() == {owner: [THERE]}


def test_of_a_removed_link_nobody_hears(dataset, owned_project):
    hide(dataset)
    look_twice()
    deliver()
    call_action(
        "digifarm_link_delete",
        project=owned_project["id"],
        dataset=dataset["id"],
    )
    publish(dataset)
    look(20)
    look(36)
    assert told() == {}


def test_of_what_comes_back_after_months_nobody_hears(dataset):
    delete(dataset)
    look_twice()
    deliver()
    restore(dataset)
    look(91 * 24 * 60)
    look(91 * 24 * 60 + 16)
    assert told() == {}


def test_a_new_entry_under_its_own_id_is_told_once(dataset, owner):
    by_purge(dataset)
    look()
    create_again(dataset)
    look(16)
    deliver()
    look(20)
    look(36)
    assert told() == {}


def test_the_title_that_it_has_got_while_private_is_not_told(dataset, owner):
    """Who was told knows it by the one that it had."""
    as_portal(
        "package_patch", id=dataset["id"], private=True, title="Geheimes"
    )
    look_twice()
    deliver()
    publish(dataset)
    look(20)
    look(36)
    assert told() == {owner: [THERE]}


def test_looking_costs_one_statement(create, owned_project, nothing):
    costs = []
    for number in (1, 4):
        datasets = [create("CSV", title=f"D{n}") for n in range(number)]
        link(owned_project, *datasets)
        for dataset in datasets:
            delete(dataset)
        look_twice()
        deliver()
        for dataset in datasets:
            restore(dataset)
        from ckanext.digifarm.losses import returning  # noqa: PLC0415

        with counting() as counted:
            assert len(returning.waiting()) == number
        costs.append(len(counted.sql))
        model.Session.query(Notice).delete()
        model.Session.query(LinkedDataset).delete()
        model.Session.commit()
    assert costs == [1, 1]
