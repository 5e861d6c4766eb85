"""Tries every page and every action that only reads."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
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

#: Core's actions that could tell of a package or of what happens to it.
CORE_ACTIONS = (
    "current_package_list_with_resources",
    "dashboard_activity_list",
    "organization_activity_list",
    "organization_show",
    "package_activity_list",
    "package_search",
    "package_show",
    "recently_changed_packages_activity_list",
    "user_activity_list",
    "user_show",
)

#: What these know of; the rest they ignore or refuse.
CORE_PARAMETERS = {"id", "include_private", "q"}

#: Finds civic projects too, which other searches leave out.
PROJECTS = "dataset_type:civic_project"

Page = tuple[str, str]


def all_pages(
    app: CKANTestApp, things: list[str], sysadmin: str
) -> list[Page]:
    """Endpoint and address of every page, filled in with all that there is.

    What isn't there for a sysadmin is no page, such as that of a partner with
    the id of a project; most combinations are of this kind.

    :param things: names and ids of what there is
    :param sysadmin: name of a user
    """
    browser = Browser(app, sysadmin)
    found = {page for thing in things for page in _pages_of(app, thing)}
    return [page for page in sorted(found) if _open(browser, *page)[0] != 404]


def shown(browser: Browser, pages: list[Page]) -> Iterator[tuple[str, str]]:
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
    ours = [
        name
        for name, action in subjects.actions().items()
        if name.startswith("digifarm_")
        and getattr(action, "side_effect_free", False)
    ]
    assert "digifarm_support_list" in ours
    for query in queries:
        is_for_core = query.keys() <= CORE_PARAMETERS
        for name in (*ours, *(CORE_ACTIONS if is_for_core else ())):
            yield name, _answer(user, name, query)


def _answer(user: str, action: str, query: dict[str, Any]) -> str:
    context = {"user": user, "ignore_auth": False, "auth_user_obj": None}
    try:
        result = get_action(action)(context, dict(query))
    except REFUSALS as e:
        model.Session.rollback()
        return str(e)
    return json.dumps(result, default=str, ensure_ascii=False)
