"""Keys stay out of CKAN's own log."""

from __future__ import annotations

import logging
import time
from urllib.parse import quote

import pytest

from ckan.model.types import make_uuid
from ckan.tests.helpers import _get_test_app
from ckanext.digifarm.lib import masking, tokens
from ckanext.digifarm.lib.tokens import Purpose

from ..browsing import Browser

LOGGER = masking.LOGGERS[0]


@pytest.fixture
def log(caplog, monkeypatch):
    for name in masking.LOGGERS:
        # CKAN's configuration of logging switches others off.
        monkeypatch.setattr(logging.getLogger(name), "disabled", False)
        caplog.set_level("DEBUG", name)
    return caplog


@pytest.fixture
def token(shared_app) -> str:
    return tokens.make(Purpose.SUPPORT, make_uuid(), tokens.new_key())


@pytest.mark.parametrize(
    "path",
    [
        "/civic_project/support/link/{}",
        "/civic_project/support/confirm/{}",
        "/civic_project/support/named/{}",
        "/civic_project/propose/link/{}/edit",
        "/civic_project/tasks/link/{}",
        "/de/civic_project/tasks/confirm/{}",
        "/partner/confirm/{}",
        "/dashboard/projects/claim/{}",
        "/dashboard/notifications/link/{}",
        "/dashboard/notifications/off/{}",
        # What somebody has typed wrongly is a key all the same.
        "/civic_project/support/link/{}/",
        "/civic_project/support/link/{}.",
        "/civic_project/support/{}",
        "/{}",
    ],
)
def test_a_request_is_logged_without_its_key(path, token, log, shared_app):
    Browser(shared_app).get(path.format(token))
    lines = [r.getMessage() for r in log.records if r.name == LOGGER]
    before = path.partition("{}")[0].removeprefix("/de")
    assert any(f"{before}***" in line for line in lines)
    assert not _holds_part(log.text, token)


def test_what_the_api_was_asked_is_logged_without_it(token, log, shared_app):
    Browser(shared_app).post(
        "/api/3/action/digifarm_support_withdraw", json={"token": token}
    )
    Browser(shared_app).get(
        f"/api/3/action/digifarm_support_show?token={token}"
    )
    assert "***" in log.text
    assert not _holds_part(log.text, token)


@pytest.mark.parametrize(
    "address",
    [
        "/user/login?came_from={quoted}",
        "/api/3/action/digifarm_task_show?token={token}&id=",
    ],
)
def test_a_line_of_the_development_server_too(address, token, log):
    path = f"/dashboard/projects/claim/{token}"
    address = address.format(token=token, quoted=quote(path, ""))
    logging.getLogger("werkzeug").info('"GET %s HTTP/1.1" %s -', address, 200)
    assert "***" in log.text
    assert not _holds_part(log.text, token)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_key_is_masked_though_a_part_of_it_is_missing(purpose):
    for first in "0123456789abcdef":
        id_ = f"{first}{make_uuid()[1:]}"
        token = tokens.make(purpose, id_, tokens.new_key())
        for part in (token, token[:-1], token[1:], token[3:], token[:-30]):
            assert masking.mask(f"/link/{part}?x") == "/link/***?x"


@pytest.mark.parametrize(
    "line",
    [
        " 200 /civic_project/durstige-baeume-in-der-park render time 0.1",
        "/webassets/ckanext-digifarm/b09fac12_digifarm.css",
        "/base/vendor/jquery.ui.widget.min.js?v=1.2.345678.90",
        "/dataset/8f1c2b1e-9d6f-4f53-b8a7-0c1d2e3f4a5b/resource/2026-05-01.csv",
        "WyI",
    ],
)
def test_other_lines_stay_as_they_are(line):
    assert masking.mask(line) == line


def test_is_installed_once(shared_app):
    def filters() -> dict[str, list[object]]:
        return {
            name: list(logging.getLogger(name).filters)
            for name in masking.LOGGERS
        }

    before = filters()
    assert all(len(set(found)) == len(found) for found in before.values())
    _get_test_app()
    assert filters() == before


def _holds_part(text: str, token: str) -> bool:
    return any(part in text for part in token.split("."))


@pytest.mark.parametrize(
    "part", ["a", "a.", "Wy", "WyI", "a-", "a" * 19 + "."]
)
def test_no_line_takes_long(part):
    """Compared with a usual one of the same length."""

    def seconds(line: str) -> float:
        start = time.perf_counter()
        masking.mask(line)
        return time.perf_counter() - start

    length = 50_000
    usual = max(seconds("Ein Satz. " * (length // 10)) for _ in "123")
    line = (part * length)[:length]
    assert min(seconds(line) for _ in "123") < 100 * usual
