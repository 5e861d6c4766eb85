"""How often somebody may use what anybody may use."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

import pytest
from redis import ConnectionPool

import ckan.lib.redis
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import forms, rate_limits
from ckanext.digifarm.lib.rate_limits import LimitReached
from ckanext.digifarm.support.model import Support

from ..browsing import Browser, html, text_of
from ..offering import (
    OFFER,
    confirm,
    create_partner,
    create_people,
    create_project,
    empty_tables,
    offer,
    outbox,
)

pytestmark = pytest.mark.usefixtures("shared_app")

OPTION = "ckanext.digifarm.limits"
API = "/api/action/digifarm_support_offer"
SENTENCE = "That was a bit much for now. Please try again in 60 minutes."


@pytest.fixture(autouse=True)
def nothing(shared_app) -> None:
    empty_tables()
    forget()


@pytest.fixture
def by_address():
    with changed_config(f"{OPTION}.address", "2 per hour"):
        yield


@pytest.fixture
def by_email():
    with changed_config(f"{OPTION}.email", "2 per hour"):
        yield


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people)


def counters() -> list[bytes]:
    return list(connect_to_redis().scan_iter("*digifarm*"))


def forget() -> None:
    if keys := counters():
        connect_to_redis().delete(*keys)


@pytest.fixture
def use(shared_app):
    """Uses something from somewhere; tells whether that was allowed."""

    def use(
        remote: str = "192.0.2.1",
        forwarded: str | None = None,
        user: str | None = None,
    ) -> bool:
        headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
        with shared_app.flask_app.test_request_context(
            environ_base={"REMOTE_ADDR": remote}, headers=headers
        ):
            try:
                rate_limits.check(user)
            except LimitReached:
                return False
            return True

    return use


class TestByAddress:
    pytestmark = pytest.mark.usefixtures("by_address")

    def test_each_has_its_own(self, use):
        assert [use() for _ in range(4)] == [True, True, False, False]
        assert use("192.0.2.2")

    def test_who_is_logged_in_is_counted_by_account(self, use):
        """However many work in one room, and wherever one of them goes."""
        assert not [user for user in "abcdef" if not use(user=user)]
        assert use("192.0.2.2", user="a")
        assert not use("192.0.2.3", user="a")
        # Nor do they use up what others have there.
        assert use()

    def test_what_is_refused_is_not_counted(self, use):
        with changed_config(f"{OPTION}.address", "1 per hour; 2 per day"):
            assert [use() for _ in range(4)] == [True, False, False, False]
        with changed_config(f"{OPTION}.address", "2 per day"):
            assert [use() for _ in range(2)] == [True, False]

    def test_a_household_is_one_with_ipv6(self, use):
        assert use("2001:db8:1:2::1")
        assert use("2001:db8:1:2:ffff::2")
        assert not use("2001:db8:1:2::3")
        assert use("2001:db8:1:3::1")

    def test_ipv4_is_the_same_however_it_is_written(self, use):
        assert use("::ffff:192.0.2.1")
        assert use("192.0.2.1")
        assert not use("::ffff:192.0.2.1")
        assert use("::ffff:192.0.2.2")

    @pytest.mark.parametrize(
        ("proxies", "forwarded"),
        [
            # What somebody writes there is not believed.
            (0, "198.51.100.{n}"),
            (0, "198.51.100.{n}, 203.0.113.{n}"),
            (1, "198.51.100.{n}, 203.0.113.9"),
            (1, "nonsense, {n}, ,, 203.0.113.9"),
            (2, "198.51.100.{n}, 203.0.113.9, 10.0.0.1"),
        ],
    )
    def test_nobody_pretends_another(self, proxies, forwarded, use):
        with changed_config("ckanext.digifarm.trusted_proxies", proxies):
            results = [
                use(forwarded=forwarded.format(n=n)) for n in range(1, 4)
            ]
        assert results == [True, True, False]

    @pytest.mark.parametrize(
        ("proxies", "forwarded"),
        [
            (1, "203.0.113.{n}"),
            (1, "198.51.100.1, 203.0.113.{n}"),
            (2, "203.0.113.{n}, 10.0.0.1"),
            (2, "198.51.100.1, 203.0.113.{n}, 10.0.0.1"),
        ],
    )
    def test_each_behind_a_proxy_has_its_own(self, proxies, forwarded, use):
        with changed_config("ckanext.digifarm.trusted_proxies", proxies):
            for n in range(1, 6):
                assert use(forwarded=forwarded.format(n=n))

    @pytest.mark.parametrize("proxies", [1, 2])
    def test_who_comes_without_a_proxy_is_counted_too(self, proxies, use):
        with changed_config("ckanext.digifarm.trusted_proxies", proxies):
            assert [use() for _ in range(3)] == [True, True, False]


def test_several_limits_hold(use):
    with changed_config(f"{OPTION}.address", "1 per hour; 2 per day"):
        assert [use() for _ in range(2)] == [True, False]


class TestWhenToTryAgain:
    """Is true: then there is room, and not before."""

    @pytest.fixture
    def refused(self, shared_app, monkeypatch):
        """What somebody is told who used something before, once."""

        def refused(limit: str, seconds_ago: float) -> tuple[str, int | None]:
            now = time.time()
            with (
                changed_config(f"{OPTION}.address", limit),
                shared_app.flask_app.test_request_context(
                    environ_base={"REMOTE_ADDR": "192.0.2.1"}
                ),
            ):
                with monkeypatch.context() as patch:
                    patch.setattr(time, "time", lambda: now - seconds_ago)
                    rate_limits.check(None)
                with pytest.raises(LimitReached) as error:
                    rate_limits.check(None)
                return str(error.value.message), rate_limits.retry_after()

        return refused

    @pytest.mark.parametrize(
        ("limit", "seconds_ago", "words", "seconds"),
        [
            ("1 per hour", 3570, "in a minute", 30),
            ("1 per hour", 1800, "in 30 minutes", 1800),
            ("1 per day", 86400 - 7140, "in 119 minutes", 7140),
            ("1 per day", 86400 - 7200, "in 2 hours", 7200),
            ("1 per day", 0, "in 24 hours", 86400),
            # The last of them counts.
            ("1 per hour; 1 per day", 1800, "in 24 hours", 86400 - 1800),
        ],
    )
    def test_in_words_and_seconds(
        self, limit, seconds_ago, words, seconds, refused
    ):
        said, told = refused(limit, seconds_ago)
        assert said.endswith(f"Please try again {words}.")
        assert abs(told - seconds) <= 2


def test_on_the_command_line_nothing_is_counted(by_address):
    for _ in range(3):
        rate_limits.check(None)
    assert counters() == []


def test_nothing_readable_lies_in_redis(use):
    use("192.0.2.1")
    use("2001:db8::1")
    use(user="kim")
    rate_limits.fill_mailbox("kim@example.org")
    redis = connect_to_redis()
    found = counters()
    assert len(found) == 4
    stored = b" ".join(found + [redis.dump(key) for key in found])
    for word in (b"192.0.2", b"2001", b"kim", b"example"):
        assert word not in stored
    assert all(b"test.ckan.net" in key for key in found)
    assert all(0 < redis.ttl(key) <= 3600 for key in found)


def test_no_other_portal_reads_them(use):
    use("192.0.2.1")
    with changed_config("SECRET_KEY", "of another portal"):
        use("192.0.2.1")
    assert len(counters()) == 2


@pytest.fixture
def redis_is_down(monkeypatch):
    pool = ConnectionPool.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr(ckan.lib.redis, "_connection_pool", pool)


def test_nobody_is_turned_away_when_redis_is_down(
    use, by_address, redis_is_down, caplog
):
    assert all(use() for _ in range(4))
    assert "192.0.2" not in caplog.text


class TestAnswer:
    pytestmark = pytest.mark.usefixtures("by_address")

    @pytest.fixture
    def browser(self, shared_app, monkeypatch) -> Browser:
        monkeypatch.setattr(forms, "MIN_SECONDS", 0)
        return Browser(shared_app)

    def test_of_the_page(self, browser, project):
        path = f"/civic_project/support/offer/{project['name']}"
        for n in range(3):
            form = browser.form(path).with_values(
                **{**OFFER, "consent": "true", "scope": f"Nr. {n}"}
            )
            response = browser.send(form)
            expected = 200 if n < 2 else 429
            assert response.status_code == expected
        assert SENTENCE in text_of(html(response).select_one("#errors"))
        assert 3500 <= int(response.headers["Retry-After"]) <= 3600
        assert html(response).select_one("[name=scope]")["value"] == "Nr. 2"
        assert len(outbox()) == 2

    def test_of_the_api(self, shared_app, project):
        data = {**OFFER, "project": project["id"]}
        statuses = []
        for _ in range(3):
            response = shared_app.post(API, json=data)
            statuses.append(response.status_code)
        assert statuses == [200, 200, 429]
        assert 3500 <= int(response.headers["Retry-After"]) <= 3600
        assert response.json["success"] is False
        assert SENTENCE in response.json["error"]["message"]
        assert len(outbox()) == 2
        assert shared_app.get("/civic_project/").status_code == 200

    def test_other_refusals_stay_what_they_are(self, shared_app, project):
        data = {"project": project["id"], "area": "care"}
        path = "/api/action/digifarm_support_create"
        assert shared_app.post(path, json=data).status_code == 403

    def test_the_api_is_no_way_round(self, browser, shared_app, project):
        data = {**OFFER, "project": project["id"]}
        for _ in range(2):
            shared_app.post(API, json=data)
        path = f"/civic_project/support/offer/{project['name']}"
        form = browser.form(path)
        form = form.with_values(**{**OFFER, "consent": "true"})
        assert browser.send(form).status_code == 429

    def test_a_request_by_the_page(self, shared_app, people, project):
        partner = create_partner(people)
        owner = Browser(shared_app, people["owner"])
        path = f"/civic_project/support/request/{project['name']}"
        areas = ("care", "content", "technology")
        statuses = [
            owner.send(
                owner.form(path).with_values(
                    partner=partner["name"], area=area
                )
            ).status_code
            for area in areas
        ]
        assert statuses == [200, 200, 429]


@pytest.mark.usefixtures("by_email")
def test_the_answer_does_not_tell_whether_an_address_is_known(
    shared_app, people, project, monkeypatch
):
    """Nor whether it was used: of the mails, just some are left out."""
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    create_partner(people)
    confirm(offer(project=project["id"], contact_email="before@example.org"))
    for _ in range(2):
        rate_limits.fill_mailbox("full@example.org")
    told = len(outbox())
    used = (
        "owner@example.org",
        "werkstatt@example.org",
        "before@example.org",
        "full@example.org",
    )
    answers = [
        _answers(shared_app, project, email)
        for email in (*used, "new@example.org")
    ]
    assert answers.count(answers[0]) == len(answers)
    statuses = [status for status, _, _ in answers[0]]
    assert statuses == [200, 200, 200]
    assert model.Session.query(Support).count() == 1 + 3 * len(answers)
    to = [mail.recipient_email for mail in outbox()[told:]]
    assert Counter(to) == dict.fromkeys((*used[:3], "new@example.org"), 2)


def _answers(
    app: Any, project: dict[str, Any], email: str
) -> list[tuple[int, dict[str, str], str]]:
    """All that comes back, but for what is new each time."""
    path = f"/civic_project/support/offer/{project['name']}"
    data = {**OFFER, "contact_email": email, "consent": "true"}
    browser = Browser(app)
    responses = [
        browser.send(browser.form(path).with_values(**data)),
        app.post(API, json={**data, "project": project["id"]}),
        browser.send(browser.form(path).with_values(**data)),
    ]
    chance = "|".join(
        (
            # Stamps and CSRF tokens, ids, and what the person has typed.
            r"[\w-]+\.[\w-]+\.[\w-]+",
            r"[0-9a-f]{8}-[0-9a-f-]{27}",
            re.escape(email),
        )
    )
    return [
        (
            response.status_code,
            {
                name: value
                for name, value in response.headers.items()
                if name not in {"Date", "Set-Cookie", "Content-Length"}
            },
            re.sub(chance, "…", response.body),
        )
        for response in responses
    ]
