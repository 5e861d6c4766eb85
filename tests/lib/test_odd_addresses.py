"""No page of ours, and none of core's on our type, fails at odd addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from flask import before_render_template
from werkzeug.routing import Rule

from ckan import model
from ckanext.digifarm.config import PROJECT_TYPE

from ..browsing import Browser
from ..scenes import Scene

#: What stands in an address instead of a name, an id or a key.
ODD = {
    "a NUL": "%00",
    "a space": "%20",
    "a line break": "%0A",
    "no UTF-8": "%FF",
    "half a character": "%ED%A0%80",
    "an emoji": "%F0%9F%98%80",
    "up": "..",
    "up, written another way": "%2e%2e",
    "reading backwards": "%E2%80%AEabc",
    "markup": "%3Cb%3E%22%27",
    "a query": "*%3A*%20OR%20%5B",
    "long": "a" * 3000,
    "a key": "WyJhIiwiYiJd.abcdef.abcdefghijklmnopqrstuvwxyza",
}

#: The same for what comes after the question mark.
VALUES = {
    **ODD,
    "nothing": "",
    "commas": ",,",
    "zero": "0",
    "minus": "-1",
    "huge": "9" * 30,
    "a list": "[]",
}

#: What pages read of their address, ours and core's list.
PARAMETERS = {
    *("_tags_limit", "action_fields", "area", "came_from", "datasets"),
    *("edited", "ext_bbox", "fl", "fq", "groups", "help_wanted", "id"),
    *("ids", "kind", "license_status", "offered", "organization", "page"),
    *("part", "partner", "project", "proposals", "q", "requested"),
    *("res_format", "rows", "scope", "skills", "sort", "source_license"),
    *("source_url", "stage", "start", "supporters", "tags", "tasks"),
    *("title", "token"),
}


class ErrorPageError(Exception):
    """An error page comes, which takes its time to be shown."""


@pytest.fixture
def open_page(shared_app, portal) -> Iterator[Any]:
    """Opens an address as somebody: what fails, in words."""

    def skip(_app: Any, context: dict[str, Any], **_: Any) -> None:
        if context.get("code") in {400, 403, 404}:
            raise ErrorPageError

    def open_page(method: str, path: str, role: str) -> set[str]:
        # What is said to somebody stays in their session: so each is new.
        browser = Browser(shared_app, portal.named(role) or None)
        try:
            response = browser.open(
                path, method=method, follow_redirects=False
            )
        except ErrorPageError:
            return set()
        except Exception as e:  # noqa: BLE001 – it is what we look for
            model.Session.remove()
            return {f"{method} {path[:90]} {role}: {type(e).__name__} {e}"}
        if response.status_code < 500:
            return set()
        return {f"{method} {path[:90]} {role}: {response.status}"}

    with before_render_template.connected_to(skip, shared_app.flask_app):
        yield open_page


def rules(app: Any, *, with_names: bool) -> list[Rule]:
    """The routes of our pages, and core's for our type.

    :param with_names: those with a name, an id or a key in them, or the rest
    """
    return [
        rule
        for rule in app.flask_app.url_map.iter_rules()
        if rule.endpoint.startswith(("digifarm_", PROJECT_TYPE))
        and bool(rule.arguments - {"package_type"}) is with_names
    ]


def path_of(rule: Rule, scene: Scene, **values: str) -> str:
    """An address of a route, with all that isn't said rightly written."""
    path = rule.rule
    for name in rule.arguments:
        value = values.get(name, scene.project["name"])
        path = re.sub(rf"<any\((\w+)[^<>]*\):{name}>", r"\1", path)
        path = path.replace(f"<{name}>", value)
    return path


@pytest.mark.parametrize("what", ODD)
def test_no_page_fails_at_an_odd_name(what, shared_app, portal, open_page):
    failures: set[str] = set()
    roles = cycle(["", "sysadmin", "owner"])
    for rule in rules(shared_app, with_names=True):
        methods = (rule.methods or set()) & {"GET", "POST"}
        for name in sorted(rule.arguments - {"package_type"}):
            path = path_of(rule, portal, **{name: ODD[what]})
            for method in sorted(methods):
                failures |= open_page(method, path, next(roles))
    assert not failures, "\n".join(sorted(failures))


@pytest.mark.parametrize("what", VALUES)
def test_no_page_fails_at_odd_parameters(what, shared_app, portal, open_page):
    query = "&".join(f"{name}={VALUES[what]}" for name in PARAMETERS)
    failures: set[str] = set()
    roles = cycle(["", "sysadmin", "owner"])
    for rule in rules(shared_app, with_names=False):
        if "GET" in (rule.methods or set()):
            path = f"{path_of(rule, portal)}?{query}"
            failures |= open_page("GET", path, next(roles))
    assert not failures, "\n".join(sorted(failures))


@pytest.mark.parametrize("value", ["", "%20", "%00", ",", "title_string%20,"])
def test_the_list_fails_at_no_odd_parameter(value, open_page):
    failures: set[str] = set()
    for name in ("ext_bbox", "page", "q", "sort", "tags", "_tags_limit"):
        path = f"/civic_project/?{name}={value}"
        failures |= open_page("GET", path, "")
    assert not failures, "\n".join(sorted(failures))


@pytest.mark.parametrize("page", ["", "/new", "/delete/somebody"])
def test_nobody_is_asked_to_log_in_for_collaborators(
    page, open_page, portal, shared_app
):
    path = f"/civic_project/collaborators/{portal.project['name']}{page}"
    for method in ("GET", "POST"):
        assert open_page(method, path, "") == set()
    response = Browser(shared_app).get(path, follow_redirects=False)
    assert "/user/login" in response.headers["Location"]


def test_the_list_keeps_the_rest_of_an_odd_address(shared_app):
    path = "/civic_project/?sort=%20&q=baum&stage=live&stage=idea"
    response = Browser(shared_app).get(path, follow_redirects=False)
    assert response.headers["Location"].endswith(
        "/civic_project/?q=baum&stage=live&stage=idea"
    )


def test_editors_still_choose_collaborators(portal, shared_app):
    path = f"/civic_project/collaborators/{portal.project['name']}"
    for page in (path, f"{path}/new"):
        editor = Browser(shared_app, portal.named("sysadmin"))
        assert editor.get(page).status_code == 200


def test_others_may_not_choose_collaborators(portal, shared_app):
    path = f"/civic_project/collaborators/{portal.project['name']}"
    other = Browser(shared_app, portal.named("other"))
    assert other.get(path).status_code == 403
