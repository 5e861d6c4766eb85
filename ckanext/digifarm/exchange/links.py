"""Which links a record adds or changes."""

from __future__ import annotations

import dataclasses

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, model
from ..lib.permissions import may_read
from ..links import schema
from ..links.model import Link
from . import references
from .record import Record, quoted


@dataclasses.dataclass
class LinkPlan:
    """A link that is to be written.

    :param params: of `digifarm_link_create`, without the project
    :param is_new: whether the two are not linked yet
    """

    params: dict[str, str]
    is_new: bool


class Missing(tk.Invalid):
    """There is no such dataset."""


def plan(
    record: Record, project: model.Package | None, context: Context
) -> list[LinkPlan]:
    """The links that a record adds or changes; it removes none.

    Where the two are linked already, what the record doesn't say about the
    link stays as it is.

    :param project: the record's, or None while there is none
    :param context: of who links; what they may not read isn't there for them
    :raises ValidationError: where one of the links is not possible
    """
    find = _Finder(context, by_title=not record.is_elsewhere)
    if record.is_elsewhere:
        _leave_out_missing(record, find)
    problems = [p for link in record.links if (p := _problem(link, find))]
    if problems:
        raise tk.ValidationError({"datasets": problems})
    plans: dict[str, LinkPlan | None] = {}
    for link in record.links:
        dataset = find(link)
        if dataset.id in plans:
            problems.append(
                tk._("{dataset} is there twice").format(
                    dataset=quoted(link["dataset"])
                )
            )
        plans[dataset.id] = _plan(project, dataset, link)
    if problems:
        raise tk.ValidationError({"datasets": problems})
    return [plan for plan in plans.values() if plan]


def _leave_out_missing(record: Record, find: _Finder) -> None:
    """Take from a record the datasets of another portal, and say so."""
    kept = []
    for link in record.links:
        try:
            find(link)
        except Missing:
            record.report(
                "datasets",
                tk._(
                    "not linked with {dataset}, which is no dataset of this"
                    " portal"
                ).format(dataset=quoted(link["dataset"])),
            )
            continue
        except tk.Invalid:
            pass
        kept.append(link)
    record.links = kept


def _problem(link: dict[str, str], find: _Finder) -> str | None:
    try:
        find(link)
    except tk.Invalid as e:
        return f"{quoted(link['dataset'])} {e.error}"
    return None


class _Finder:
    """Finds the datasets of links.

    :param by_title: whether a link may call a dataset by its title
    """

    def __init__(self, context: Context, *, by_title: bool) -> None:
        self._context = context
        self._by_title = by_title
        self._found: dict[str, model.Package | None] = {}

    def __call__(self, link: dict[str, str]) -> model.Package:
        """The dataset of a link.

        :raises Invalid: where there is none, or the link is not possible
        """
        _, errors = tk.navl_validate(
            {**link, "project": PROJECT_TYPE}, schema.link_create()
        )
        for param, messages in errors.items():
            raise tk.Invalid(f"– {param}: {messages[0]}")
        reference = link["dataset"]
        if reference not in self._found:
            # It is asked for more than once while a record is planned.
            self._found[reference] = self._named(reference)
        dataset = self._found[reference]
        if dataset is None or dataset.state == model.State.DELETED:
            raise Missing(tk._("is no dataset of this portal"))
        if not may_read(self._context, dataset.id):
            raise Missing(tk._("is no dataset of this portal"))
        if dataset.type == PROJECT_TYPE:
            raise tk.Invalid(tk._("is a civic project, not a dataset"))
        return dataset

    def _named(self, reference: str) -> model.Package | None:
        """What is called so: by name, id, address, or title.

        :raises Invalid: where several have that title
        """
        name = references.name(reference, "dataset.search")
        found = model.Package.get(name) or model.Package.get(name.lower())
        if found or not self._by_title:
            return found
        titled = references.datasets_titled(reference, self._context)
        if len(titled) > 1:
            names = ", ".join(dataset.name for dataset in titled)
            raise tk.Invalid(
                tk._(
                    "is the title of several datasets. Please write the short"
                    " name of the one that is meant: {names}"
                ).format(names=names)
            )
        return titled[0] if titled else None


def _plan(
    project: model.Package | None,
    dataset: model.Package,
    given: dict[str, str],
) -> LinkPlan | None:
    link = Link.get(project.id, dataset.id) if project else None
    if link is None:
        return LinkPlan({**given, "dataset": dataset.id}, is_new=True)
    before = {
        "dataset": dataset.id,
        "relation": link.relation,
        "note": link.note,
    }
    after = {**before, **given, "dataset": dataset.id}
    return LinkPlan(after, is_new=False) if after != before else None
