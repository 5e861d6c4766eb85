"""Calls actions for somebody."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ckan import model
from ckan.model.types import make_uuid
from ckan.tests import factories
from ckan.tests.helpers import call_action


def as_portal(action: str, **data: Any) -> Any:
    """Call an action for the portal itself, which may do anything.

    The activity plugin wants a user for each change.
    """
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return call_action(action, {"user": user["name"]}, **data)


def as_user(user: str, action: str, **data: Any) -> Any:
    """Call an action with the permissions of a user.

    :param user: name of a user, or "" for nobody
    """
    return call_action(action, {"user": user, "ignore_auth": False}, **data)


def organization_of(**capacities: list[str]) -> str:
    """Id of an organisation that all projects with the same people share.

    :param capacities: names of its users: `editor=["lea"]`
    """
    people = json.dumps(capacities, sort_keys=True).encode()
    name = f"office-{hashlib.sha256(people).hexdigest()[:12]}"
    found = model.Group.get(name)
    if found:
        return found.id
    users = [
        {"name": user, "capacity": capacity}
        for capacity, users in capacities.items()
        for user in users
    ]
    # Not a made-up one, which may be called as somebody is.
    title = f"Office {name[-4:]}"
    organization = factories.Organization(name=name, title=title, users=users)
    return organization["id"]


def copy_of(project: dict[str, Any], **columns: Any) -> dict[str, Any]:
    """Another project with the same fields, which no search finds.

    For tests of what becomes of a project: saving one takes far longer.

    :param columns: what its row has instead
    """
    package = model.Package.get(project["id"])
    row = {
        column.key: getattr(package, column.key)
        for column in sa.inspect(model.Package).column_attrs
    }
    id_ = make_uuid()
    row |= {"id": id_, "name": id_, **columns}
    model.Session.execute(sa.insert(model.Package).values(row))
    model.Session.commit()
    return as_portal("package_show", id=id_)


def in_two_threads(app: Any, *jobs: Callable[[], Any]) -> list[Any]:
    """What several do at the same moment; refusals are results, too."""
    start = threading.Barrier(len(jobs))
    # Core collects the auth functions at first use, for one thread only.
    tk.check_access("package_list", {"user": ""}, {})

    def run(job: Callable[[], Any]) -> Any:
        with app.flask_app.test_request_context():
            start.wait()
            try:
                return job()
            except tk.ValidationError as e:
                return set(e.error_dict)
            finally:
                model.Session.remove()

    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
