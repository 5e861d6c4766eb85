"""What the answers of pages tell browsers and caches."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from ckan.model.types import make_uuid
from ckan.tests import factories
from ckanext.digifarm.lib import tokens
from ckanext.digifarm.lib.tokens import Purpose

from ..browsing import Browser, read_form
from ..offering import create_people, create_project, get, offer, token_of

#: All that the page of a link says of itself.
SECRET = {
    "Cache-Control": {"no-store", "private"},
    "Referrer-Policy": {"no-referrer"},
}


@pytest.fixture(scope="module")
def project(shared_portal) -> dict[str, Any]:
    return create_project(create_people())


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture
def token(project) -> str:
    return token_of(offer(project=project["id"]), Purpose.SUPPORT_CONFIRM)


def _values(response: Any, name: str) -> set[str]:
    """What the headers of a name say, part by part."""
    return {
        part.strip()
        for line in response.headers.getlist(name)
        for part in line.split(",")
    }


@pytest.mark.parametrize(
    "path",
    [
        "/civic_project/",
        "/civic_project/about",
        "/civic_project/help-wanted",
        "/civic_project/propose",
        "/civic_project/{name}",
        "/civic_project/nothing-of-this-name",
        "/civic_project/nothing/of/this/name",
        "/de/partner/nothing/of/this/name",
        "/civic_project/support/link/nonsense",
        "/de/civic_project/",
        "/partner/",
        "/partner/register",
        "/dashboard/projects",
    ],
)
def test_our_pages_are_not_framed_or_guessed(path, visitor, project):
    page = visitor.get(path.format(**project), follow_redirects=False)
    assert_not_framed(page)


def test_nor_is_what_takes_no_such_request(visitor):
    page = visitor.post("/civic_project/about")
    assert page.status_code == 405
    assert_not_framed(page)


def assert_not_framed(page: Any) -> None:
    assert _values(page, "X-Content-Type-Options") == {"nosniff"}
    assert _values(page, "X-Frame-Options") == {"SAMEORIGIN"}
    policies = _values(page, "Content-Security-Policy")
    assert "frame-ancestors 'self'" in policies
    [referrer] = _values(page, "Referrer-Policy")
    assert referrer in {"no-referrer", "strict-origin-when-cross-origin"}


def test_cores_pages_are_as_before(visitor, project):
    dataset = factories.Dataset()
    resource = factories.Resource(package_id=dataset["id"])
    base = f"/dataset/{dataset['name']}/resource/{resource['id']}"
    for path in (
        "/",
        "/about",
        "/dataset/",
        f"/dataset/{dataset['name']}",
        base,
        # Of none that is there; no plugin of the tests shows one.
        f"{base}/view/{resource['id']}",
        "/api/3/action/status_show",
        "/dataset/nothing/of/this/name",
    ):
        page = visitor.get(path)
        for name in (
            "Content-Security-Policy",
            "Referrer-Policy",
            "X-Content-Type-Options",
            "X-Frame-Options",
        ):
            assert name not in page.headers, path


def test_pages_of_links_are_kept_by_nobody(visitor, token):
    page = visitor.get(f"/civic_project/support/confirm/{token}")
    assert page.status_code == 200
    for name, values in SECRET.items():
        assert _values(page, name) == values


@pytest.mark.parametrize(
    "path",
    [
        # Whatever is wrong with it: the address holds a key.
        "/civic_project/support/confirm/{token}/",
        "/civic_project/support/{token}",
        "/civic_project/propose/link/{token}",
        "/nowhere/{token}",
        "/user/login?came_from={quoted}",
        "/api/3/action/digifarm_support_show?token={token}",
    ],
)
def test_so_is_each_page_whose_address_holds_a_key(path, visitor, token):
    claim = f"/dashboard/projects/claim/{token}"
    page = visitor.get(path.format(token=token, quoted=quote(claim, "")))
    for name, values in SECRET.items():
        assert _values(page, name) == values


def test_other_pages_are_cached_as_before(visitor, project):
    """Browsers show a form that is kept by nobody without what was typed."""
    for path in (
        "/civic_project/",
        "/civic_project/propose",
        f"/civic_project/{project['name']}",
        f"/civic_project/support/offer/{project['name']}",
    ):
        assert "no-store" not in _values(visitor.get(path), "Cache-Control")


class TestByHttps:
    """The check of CSRF tokens wants a referrer, which our pages don't send.

    Browsers send `Sec-Fetch-Site`, and no page can change it.
    """

    @pytest.mark.parametrize(
        ("sent_from", "state"),
        [
            ("same-origin", "offered"),
            ("same-site", "unconfirmed"),
            ("cross-site", "unconfirmed"),
            ("", "unconfirmed"),
        ],
    )
    def test_forms_are_taken_from_this_portal(
        self, sent_from, state, visitor, project
    ):
        support = offer(project=project["id"])
        token = token_of(support, Purpose.SUPPORT_CONFIRM)
        path = f"/civic_project/support/confirm/{token}"
        secure: dict[str, Any] = {"base_url": "https://test.ckan.net"}
        form = read_form(visitor.get(path, **secure), "div.main form")
        visitor.send(
            form,
            **secure,
            headers={"Sec-Fetch-Site": sent_from} if sent_from else {},
            follow_redirects=False,
        )
        assert get(support.id).state == state


def test_a_key_is_found_whatever_its_purpose():
    for purpose in Purpose:
        for first in "0123456789abcdef":
            id_ = f"{first}{make_uuid()[1:]}"
            token = tokens.make(purpose, id_, tokens.new_key())
            assert tokens.PATTERN.fullmatch(token)
            # As docs/operation.md tells web servers.
            assert re.fullmatch(r"Wy[IJ][\w.-]{20,}", token)
