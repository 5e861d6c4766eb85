"""Tries every page and every action that only reads."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import ckantoolkit as tk
from flask import before_render_template
from werkzeug.routing import BuildError

from ckan import model
from ckan.lib.search import SearchQueryError
from ckan.logic import get_action
from ckan.tests.helpers import CKANTestApp
from ckanext.digifarm import subjects

from .browsing import Browser

OURS = ("civic_project.", "digifarm_")

#: Core's pages that could tell of a package or of what happens to it.
CORES = {
    "activity.dashboard",
    "activity.organization_activity",
    "activity.package_activity",
    "dashboard.datasets",
    "dataset.read",
    "dataset.search",
    "feeds.general",
    "feeds.organization",
    "home.index",
    "organization.read",
}

REFUSALS = (
    SearchQueryError,
    tk.NotAuthorized,
    tk.ObjectNotFound,
    tk.ValidationError,
)

#: Core's actions that could tell of a package or of what happens to it, and
#: what they know of `CORE_PARAMETERS`.
CORE_ACTIONS: dict[str, set[str]] = {
    "current_package_list_with_resources": set(),
    "dashboard_activity_list": set(),
    "organization_activity_list": {"id"},
    "organization_show": {"id"},
    "package_activity_list": {"id"},
    "package_search": {"include_private", "q"},
    "package_show": {"id"},
    "recently_changed_packages_activity_list": set(),
    "user_activity_list": {"id"},
    "user_show": {"id"},
}

#: These know of others, too, which we don't try.
CORE_PARAMETERS = {"id", "include_private", "q"}

#: Finds civic projects too, which other searches leave out.
PROJECTS = "dataset_type:civic_project"

Page = tuple[str, str]


class NoPageError(Exception):
    """There is no page at an address."""


def all_pages(
    app: CKANTestApp, things: list[str], sysadmin: str
) -> dict[Page, str]:
    """Endpoint and address of every page, filled in with all that there is.

    What isn't there for a sysadmin is no page, such as that of a partner with
    the id of a project; most combinations are of this kind. Nothing of these
    is a key of a link that was mailed: a page for such keys says the same of
    each, that it is of no use, so one of them is enough.

    :param things: names and ids of what there is
    :param sysadmin: name of a user
    :returns: the pages, with what the sysadmin reads on them
    """
    browser = Browser(app, sysadmin)
    found = {page for thing in things for page in _pages_of(app, thing)}
    pages: dict[Page, str] = {}
    useless: set[str] = set()
    with before_render_template.connected_to(_raise_404, app.flask_app):
        for endpoint, address in sorted(found):
            try:
                status, text = _open(browser, endpoint, address)
            except NoPageError:
                continue
            if status == 404 or (status == 410 and endpoint in useless):
                continue
            if status == 410:
                useless.add(endpoint)
            pages[endpoint, address] = text
    return pages


def _raise_404(_app: Any, context: dict[str, Any], **_: Any) -> None:
    """Say that there is no page, without the time that showing it takes."""
    if context.get("code") == 404:
        raise NoPageError


def read_by_sysadmin(pages: dict[Page, str]) -> Iterator[tuple[str, str]]:
    """What pages show to the sysadmin, who has opened them all before."""
    for (endpoint, _), text in pages.items():
        yield endpoint, text


def shown(
    browser: Browser, pages: Iterable[Page]
) -> Iterator[tuple[str, str]]:
    """What pages show to somebody: endpoints and texts."""
    for endpoint, address in pages:
        yield endpoint, _open(browser, endpoint, address)[1]


def _open(browser: Browser, endpoint: str, address: str) -> tuple[int, str]:
    """Status and text of a page."""
    try:
        response = browser.get(address)
    except AssertionError:
        # Some of core's pages assert that what they are asked for exists.
        if endpoint.startswith("digifarm_"):
            raise
        return 500, ""
    return response.status_code, response.get_data(as_text=True)


def _pages_of(app: CKANTestApp, thing: str) -> Iterator[Page]:
    """Endpoint and address of what may be pages of some thing."""
    adapter = app.flask_app.url_map.bind("test.ckan.net")
    for rule in app.flask_app.url_map.iter_rules():
        names = sorted(rule.arguments - {"package_type"})
        is_tried = rule.endpoint.startswith(OURS) or rule.endpoint in CORES
        if not is_tried or "GET" not in rule.methods or len(names) > 1:
            continue
        with contextlib.suppress(BuildError, ValueError):
            values = dict.fromkeys(names, thing)
            yield rule.endpoint, adapter.build(rule.endpoint, values)


def answers(
    user: str, queries: list[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """What all actions that only read answer: names and texts.

    :param user: name of a user, or "" for nobody
    :param queries: what they are asked
    """
    ours = _ours()
    assert "digifarm_support_list" in ours
    for name, known in ours.items():
        yield from _answers_to_all(user, name, known, queries)
    for_core = [query for query in queries if query.keys() <= CORE_PARAMETERS]
    for name, known in CORE_ACTIONS.items():
        yield from _answers_to_all(user, name, known, for_core)


def _ours() -> dict[str, set[str]]:
    """Our actions that only read, and the parameters that they know."""
    return {
        name: set(re.findall(r":param (\w+):", action.__doc__ or ""))
        for name, action in subjects.actions().items()
        if name.startswith("digifarm_")
        and getattr(action, "side_effect_free", False)
    }


def _answers_to_all(
    user: str, action: str, known: set[str], queries: list[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """What an action answers to queries, each different one asked once.

    They differ in the parameters that it knows. The others are asked for all
    together, with each query: it ignores or refuses them.
    """
    different: dict[str, dict[str, Any]] = {}
    others: dict[str, Any] = {}
    for query in queries:
        part = {key: query[key] for key in query.keys() & known}
        different[json.dumps(part, sort_keys=True)] = part
        others |= {key: query[key] for key in query.keys() - known}
    for part in different.values():
        answer = _answer(user, action, part)
        yield action, answer
        more = _answer(user, action, others | part)
        if action not in CORE_ACTIONS:
            assert more == answer, action
        yield action, more


def _answer(user: str, action: str, query: dict[str, Any]) -> str:
    context = {"user": user, "ignore_auth": False, "auth_user_obj": None}
    try:
        result = get_action(action)(context, dict(query))
    except REFUSALS as e:
        model.Session.rollback()
        return str(e)
    return json.dumps(result, default=str, ensure_ascii=False)
