"""What is to be written for a record, and what became of it."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

from . import columns, links, supporters, tasks
from .record import Complaint, Record

CREATE, PATCH = "package_create", "package_patch"


class Result(enum.Enum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclasses.dataclass
class Outcome:
    """What became of a record, and why.

    :param name: name of its project; "" where it failed
    :param links_added: how many datasets it was newly linked with
    :param supports_added: how many supporters were newly recorded
    :param complaints: all that is wrong with it
    :param changed: what changes in a project that is there, as columns of
        tables are named
    """

    record: Record
    result: Result
    name: str = ""
    links_added: int = 0
    supports_added: int = 0
    complaints: list[Complaint] = dataclasses.field(default_factory=list)
    changed: list[str] = dataclasses.field(default_factory=list)

    @classmethod
    def of(cls, record: Record, plan: Plan) -> Outcome:
        """What becomes of a record by a plan."""
        return cls(
            record,
            plan.result,
            plan.name,
            links_added=sum(link.is_new for link in plan.links),
            supports_added=sum(not one.waits for one in plan.supports),
            changed=[] if plan.action == CREATE else plan.changed,
        )


@dataclasses.dataclass
class Plan:
    """What is to be written for a record.

    :param name: name of the project
    :param action: the action that writes the project
    :param params: its parameters; empty where the project stays as it is
    :param fields: those of the project that change, by our names
    :param links: the links to be written
    :param supports: the supports to be written
    :param tasks: the tasks to be written
    """

    name: str
    action: str
    params: dict[str, Any]
    links: list[links.LinkPlan]
    supports: list[supporters.SupportPlan]
    tasks: list[tasks.TaskPlan]
    fields: list[str] = dataclasses.field(default_factory=list)

    @property
    def result(self) -> Result:
        """What becomes of the record by it."""
        if self.action == CREATE:
            return Result.CREATED
        if self.params or self.links or self.supports or self.tasks:
            return Result.UPDATED
        return Result.UNCHANGED

    @property
    def changed(self) -> list[str]:
        """What changes, as columns of tables are named."""
        named = [columns.TAGS if f == "tags" else f for f in self.fields]
        areas = [columns.SUPPORTERS + one.area for one in self.supports]
        if self.links:
            named.append(columns.DATASETS)
        if self.tasks:
            named.append(columns.TASKS)
        return list(dict.fromkeys([*named, *areas]))
