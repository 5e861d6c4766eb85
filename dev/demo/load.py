"""Fill a portal with the demo content: an invented city and its projects.

    .venv/bin/python dev/demo/load.py -c .dev/ckan.ini
    .venv/bin/python dev/demo/load.py -c .dev/ckan.ini --accounts

The second line loads nothing, it prints the accounts. Everything is created
once and noted in the portal's database. So another run goes on where the last
one stopped, and nothing comes back that people changed or deleted.
"""

from __future__ import annotations

import argparse
import io
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import checks
import history
import yaml
from ckantoolkit import (
    NotAuthorized,
    ObjectNotFound,
    ValidationError,
    get_action,
)
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.exceptions import CkanConfigurationException
from ckan.lib.search import SearchError, SearchIndexError
from ckan.plugins import plugin_loaded
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task

CONTENT = Path(__file__).parent
PICTURES = CONTENT / "pictures"

# The account that creates all others and the content.
AUTHOR = "admin"
# Where the database notes the titles of what has been created.
NOTES = "digifarm.demo.created"

# What everybody confirms who proposes a project.
CONDITIONS = ["open_source", "not_commercial", "public_value", "lawful"]

PROBLEMS = (
    CkanConfigurationException,
    NotAuthorized,
    ObjectNotFound,
    SQLAlchemyError,
    SearchError,
    SearchIndexError,
    ValidationError,
)


class Item(NamedTuple):
    """Something that an action creates: a dataset, a link, a role."""

    title: str
    action: str
    data: dict[str, Any]
    author: str = AUTHOR
    #: The title of what it belongs to.
    after: str = ""
    #: When it came about.
    days_ago: int | None = None


def main() -> None:
    """Load the content, or only print the accounts."""
    parser = argparse.ArgumentParser(description="Load the demo content.")
    parser.add_argument(
        "-c", "--config", required=True, help="CKAN's ini file"
    )
    parser.add_argument(
        "--accounts", action="store_true", help="only print the accounts"
    )
    options = parser.parse_args()
    if options.accounts:
        print_accounts()
        return
    try:
        with make_app(load_config(options.config)).test_request_context():
            load()
    except PROBLEMS as problem:
        sys.exit(f"The demo content could not be loaded: {reason(problem)}")
    except KeyboardInterrupt:
        sys.exit("Interrupted: the next run goes on from here.")


def print_accounts() -> None:
    """Print the accounts with their passwords and what they may do."""
    print("Accounts of the demo. Their passwords are public: this portal must")
    print("never be reachable from other machines.")
    for entry in content("accounts"):
        print("  {name:12} {password:24} {role}".format(**entry))


def load() -> None:
    """Create every item that has not been created before.

    Whatever an action raises is about the item in the line printed last.

    :raises CkanConfigurationException: the extension is not switched on
    """
    if not plugin_loaded("digifarm"):
        raise CkanConfigurationException("ckan.plugins lacks digifarm.")
    everything = in_order(items())
    created = (model.get_system_info(NOTES) or "").splitlines()
    missing = [item for item in everything if item.title not in created]
    days = history.Days()
    for number, item in enumerate(missing, 1):
        print(f"{number:4}/{len(missing)}  {item.title}", flush=True)
        with days.at(item.days_ago or 0):
            if not exists(item):
                create(item)
        created.append(item.title)
        model.set_system_info(NOTES, "\n".join(created))
    checks.tell()
    history.close()
    print(f"The demo content is loaded: {len(everything)} items.")


def in_order(found: Iterable[Item]) -> list[Item]:
    """All items in the order in which they came about."""
    ago = history.read()["ago"]
    days: dict[str, int] = {}
    dated = []
    for item in found:
        day = item.days_ago
        if day is None:
            after = days.get(item.after)
            day = history.days_ago(ago, item.title, after)
        days[item.title] = day
        dated.append(item._replace(days_ago=day))
    return sorted(dated, key=lambda item: -(item.days_ago or 0))


def items() -> Iterator[Item]:
    """Yield the whole content, each item after those that it needs."""
    accounts = content("accounts")
    # A portal shows the newest first; so the first in the file comes last.
    projects = content("projects")[::-1]
    yield from map(account, accounts)
    yield Item("Portal texts", "config_option_update", content("portal"))
    for organization in content("organizations"):
        yield Item(
            f"Organization {organization['name']}",
            "organization_create",
            organization,
        )
    for group in content("groups"):
        yield Item(f"Group {group['name']}", "group_create", group)
    yield from map(dataset, content("datasets"))
    yield from map(project, projects)
    for entry in projects:
        yield from links(entry)
        yield from stage(entry)
        yield from tasks(entry)
        yield from handover(entry)
        yield from ending(entry)
        yield from confirmation(entry)
    for entry in content("partners"):
        yield from partner(entry)
    for entry in content("datasets"):
        yield from successor(entry)
    for entry in accounts:
        yield from roles(entry)
    yield from map(offer, content("offers"))
    for entry in content("proposals"):
        yield from proposal(entry)
    yield from past()


def past() -> Iterator[Item]:
    """Yield what happened besides, from history.yaml."""
    told = history.read()
    for name, days in told["confirmed"].items():
        for day in days:
            yield Item(
                f"Confirmation of {name}, {day} days ago",
                "digifarm_confirmation_answer",
                {"project": name, "answer": "confirmed"},
                days_ago=day,
            )
    for step in told["steps"]:
        what = step.get("support") or step.get("task") or ()
        data = {
            **step.get("data", {}),
            **{
                kind: step[kind]
                for kind in ("support", "task")
                if kind in step
            },
        }
        about = " - ".join(what) or data["project"]
        yield Item(
            f"Step {step['action']} {about}, {step['ago']} days ago",
            step["action"],
            data,
            step.get("account", AUTHOR),
            days_ago=step["ago"],
        )


def content(name: str) -> Any:
    """Read one of the YAML files beside this script.

    :param name: of the file, without extension
    :returns: a list of entries; for `portal` a dictionary
    """
    text = (CONTENT / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def account(entry: dict[str, Any]) -> Item:
    """Make an item of an entry of accounts.yaml."""
    return Item(
        f"Account {entry['name']}",
        "user_create",
        {
            "name": entry["name"],
            "fullname": entry["fullname"],
            "email": f"{entry['name']}@example.org",
            "password": entry["password"],
            "sysadmin": entry.get("sysadmin", False),
        },
    )


def dataset(entry: dict[str, Any]) -> Item:
    """Make an item of an entry of datasets.yaml."""
    name = entry["name"]
    data = {
        **entry,
        "id": package_id(name),
        "tag_string": ",".join(entry["tags"]),
        "groups": [{"name": group} for group in entry["groups"]],
        "resources": [
            {
                **resource,
                "url": f"https://example.org/{name}/{number}"
                f".{resource['format'].lower()}",
            }
            for number, resource in enumerate(entry["resources"], 1)
        ],
    }
    del data["tags"]
    data.pop("replaced_by", None)
    return Item(f"Dataset {name}", "package_create", data)


def project(entry: dict[str, Any]) -> Item:
    """Make an item of an entry of projects.yaml, without links and tasks."""
    data = {
        **entry,
        "id": package_id(entry["name"]),
        "type": "civic_project",
        "tag_string": ",".join(entry.get("tags", [])),
    }
    for key in (
        *("datasets", "ending", "handover", "is_confirmed", "tags", "tasks"),
    ):
        data.pop(key, None)
    if before := history.read()["stages"].get(entry["name"]):
        data["stage"] = before["first"]
    elif "ending" in entry:
        data["stage"] = "live"
    return Item(f"Project {entry['name']}", "package_create", data)


def stage(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield that a project came to the stage that projects.yaml names."""
    if before := history.read()["stages"].get(entry["name"]):
        yield Item(
            f"Stage of {entry['name']}",
            "package_patch",
            {"id": package_id(entry["name"]), "stage": entry["stage"]},
            days_ago=before["then"],
        )


def package_id(name: str) -> str:
    """Return the id that a package has in every demo.

    CKAN indexes a package before the database has it. If a run is killed in
    between, the next one finds the same place in the index.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.org/{name}"))


def links(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield the links of an entry of projects.yaml."""
    for link in entry.get("datasets", []):
        yield Item(
            f"Link {entry['name']} - {link['dataset']}",
            "digifarm_link_create",
            {"project": entry["name"], **link},
            after=f"Project {entry['name']}",
        )


def successor(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield what replaces a dataset of datasets.yaml, if something does."""
    if "replaced_by" in entry:
        yield Item(
            f"Successor {entry['name']} - {entry['replaced_by']}",
            "digifarm_successor_set",
            {"dataset": entry["name"], "successor": entry["replaced_by"]},
        )


def tasks(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield the tasks of an entry of projects.yaml."""
    for task in entry.get("tasks", []):
        yield Item(
            f"Task {entry['name']} - {task['title']}",
            "digifarm_task_create",
            {"project": entry["name"], **task},
            after=f"Project {entry['name']}",
        )


def handover(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield the folder for handing over of a project, if it has one."""
    if "handover" in entry:
        data = {
            f"{kind}_{name}": value
            for kind, said in entry["handover"].items()
            for name, value in said.items()
        }
        yield Item(
            f"Handover {entry['name']}",
            "digifarm_handover_update",
            {"id": entry["name"], **data},
        )


def ending(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield how a project of projects.yaml is over, if it is."""
    if "ending" in entry:
        data = {"id": entry["name"], "stage": entry["stage"]} | entry["ending"]
        yield Item(f"End of {entry['name']}", "digifarm_project_end", data)


def confirmation(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield that a project of projects.yaml is as it says, if somebody does.

    Who says so once more on the same day changes nothing.
    """
    if entry.get("is_confirmed"):
        yield Item(
            f"Confirmation of {entry['name']}",
            "digifarm_confirmation_answer",
            {"project": entry["name"], "answer": "confirmed"},
        )


def partner(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield a partner of partners.yaml, and then what it supports."""
    name = entry["name"]
    data = {key: entry[key] for key in entry if key != "supports"}
    yield Item(f"Partner {name}", "digifarm_partner_create", data)
    for support in entry.get("supports", []):
        yield Item(
            f"Support {support['project']} - {name}, {support['area']}",
            "digifarm_support_create",
            {**support, "partner": name},
        )


def offer(entry: dict[str, Any]) -> Item:
    """Make an item of an entry of offers.yaml."""
    action, data = entry["action"], dict(entry["data"])
    what = data.get("project") or data["title"]
    title = f"{action.rpartition('_')[2].capitalize()} {what}"
    if action != "digifarm_support_request":
        # If a run is killed before it notes this, the next one finds it so.
        data["submission"] = f"demo: {title}"
    return Item(title, action, data, entry["account"])


def proposal(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield an entry of proposals.yaml and the decisions on it."""
    title = entry["project"]["title"]
    yield Item(
        f"Proposal {title}",
        "digifarm_proposal_submit",
        {
            "project": entry["project"],
            "datasets": entry.get("datasets", []),
            "conditions": CONDITIONS,
            "proposer_name": "Eine Einwohnerin",
            "consent": True,
            "submission": f"demo: Proposal {title}",
        },
        entry["account"],
    )
    for decision in entry.get("decisions", []):
        data = dict(decision)
        step = data.pop("step")
        yield Item(
            f"Decision {step} {title}",
            f"digifarm_proposal_{step}",
            {"proposal": title, **data},
            "stadtteam",
        )


def roles(entry: dict[str, Any]) -> Iterator[Item]:
    """Yield what an entry of accounts.yaml may edit."""
    name = entry["name"]
    for organization, role in entry.get("organizations", {}).items():
        yield Item(
            f"Role {name} in {organization}",
            "organization_member_create",
            {"id": organization, "username": name, "role": role},
        )
    for owned in entry.get("projects", []):
        yield Item(
            f"Owner {name} of {owned}",
            "package_collaborator_create",
            {"id": owned, "user_id": name, "capacity": "editor"},
            after=f"Project {owned}",
        )


def exists(item: Item) -> bool:
    """Tell whether the portal has an item of this kind and name already.

    Links and roles need no such question: to create them again is harmless.
    """
    if item.action == "digifarm_support_create":
        return supports_already(item.data, "accepted")
    if item.action == "digifarm_support_request":
        return supports_already(item.data, "requested")
    if item.action == "digifarm_task_create":
        return has_task(item.data)
    if "name" not in item.data or not item.action.endswith("_create"):
        return False
    try:
        show = get_action(item.action.replace("_create", "_show"))
        show({"ignore_auth": True}, {"id": item.data["name"]})
    except ObjectNotFound:
        return False
    return True


def supports_already(data: dict[str, Any], state: str) -> bool:
    """Tell whether a partner supports a project in an area, or is asked to."""
    supports = get_action("digifarm_support_list")(
        {"ignore_auth": True}, {"project": data["project"], "state": state}
    )
    found = {
        (s["area"], s["partner"] and s["partner"]["name"]) for s in supports
    }
    return (data["area"], data["partner"]) in found


def has_task(data: dict[str, Any]) -> bool:
    """Tell whether a project has a task of a title."""
    found = get_action("digifarm_task_list")(
        {"ignore_auth": True}, {"project": data["project"]}
    )
    return data["title"] in {task["title"] for task in found}


def create(item: Item) -> None:
    """Create an item, with its picture if it has one."""
    data = dict(item.data)
    picture = data.pop("picture", None)
    if picture:
        data["image_upload"] = FileStorage(
            io.BytesIO((PICTURES / f"{picture}.png").read_bytes()),
            filename=f"{picture}.png",
            content_type="image/png",
        )
    if "proposal" in data:
        data["id"] = proposal_id(data.pop("proposal"))
    if isinstance(data.get("support"), list):
        data["id"] = support_id(*data.pop("support"))
    if isinstance(data.get("task"), list):
        data["id"] = task_id(*data.pop("task"))
    get_action(item.action)({"user": author(item)}, data)


def proposal_id(title: str) -> str:
    """Return the id of the proposal with a title."""
    found = get_action("digifarm_proposal_list")({"ignore_auth": True}, {})
    return next(
        proposal["id"]
        for proposal in found["results"]
        if proposal["project"]["title"] == title
    )


def support_id(project: str, area: str) -> str:
    """Return the id of the newest support of a project in an area."""
    [row] = (
        model.Session.query(Support)
        .join(model.Package, model.Package.id == Support.project_id)
        .filter(
            model.Package.name == project,
            Support.area == area,
            Support.partner_id.is_(None),
        )
        .order_by(Support.created.desc())
        .limit(1)
    )
    return row.id


def task_id(project: str, title: str) -> str:
    """Return the id of a project's task with a title."""
    [row] = (
        model.Session.query(Task)
        .join(model.Package, model.Package.id == Task.project_id)
        .filter(model.Package.name == project, Task.title == title)
    )
    return row.id


def author(item: Item) -> str:
    """Return the user who creates an item: accounts are CKAN's own matter."""
    if item.action == "user_create":
        return get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return item.author


def reason(problem: Exception) -> str:
    """Say in a line what is wrong."""
    if isinstance(problem, ValidationError):
        return "; ".join(
            f"{field}: {message}"
            for field, message in problem.error_summary.items()
        )
    cause = getattr(problem, "orig", problem)
    return " ".join(str(cause).split())


if __name__ == "__main__":
    main()
