"""What a proposal says of a project: checked, made a package, linked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib import clock, jobs, review_office
from ..lib import text as lib_text
from ..lib.ckan import (
    Context,
    ErrorDict,
    boolean_validator,
    model,
    package_dict_save,
)
from ..lib.context import of_portal
from ..lib.errors import refuse
from ..links.model import Link
from ..projects import fields, pictures
from ..projects import text as project_text
from ..projects.validation import validated
from . import licence
from .model import OPEN_STATES, REFUSED_STATES, Proposal, ProposalState


def review_organization() -> model.Group:
    """The organisation of those who review.

    :raises NotAuthorized: where the portal takes no proposals
    """
    found = review_office.organization()
    if found is None:
        raise tk.NotAuthorized(tk._("This portal takes no proposals yet"))
    return found


def check(project: dict[str, Any]) -> dict[str, Any]:
    """Check what is said of a project, as the editors' form does, and more.

    :param project: values by field
    :returns: what is stored of it
    :raises ValidationError: with all fields that are wrong
    """
    _refuse_others(project)
    project_text.check_project(project)
    project = project_text.tidied(
        {name: _plain(value) for name, value in project.items()}
    )
    values, errors = _validated(project)
    errors |= _missing(project)
    if message := licence.complaint(project, may_be_unknown=True):
        errors.setdefault("source_license", [message])
    if errors:
        raise tk.ValidationError(errors)
    return {**project, **_completed(project, values)}


def _completed(
    project: dict[str, Any], values: dict[str, Any]
) -> dict[str, str]:
    """The texts of a project as validators complete them.

    Pages show them before there is a package: an address without `https://`
    would lead nowhere.

    :param values: the package that the validators made of it
    """
    stored = {
        **values,
        **{row["key"]: row["value"] for row in values.get("extras", [])},
    }
    lists = fields.multiple_fields()
    return {
        name: stored[name]
        for name, value in project.items()
        if isinstance(value, str)
        and name not in lists
        and isinstance(stored.get(name), str)
    }


def _refuse_others(project: dict[str, Any]) -> None:
    """Refuse fields that a proposal doesn't have.

    :raises ValidationError: with their names
    """
    message = tk._("This is not asked for in a proposal")
    unknown = project.keys() - {*fields.proposal_fields()}
    if unknown:
        names = map(str, unknown)
        errors: ErrorDict = {
            name: lib_text.complaints(name, message) for name in names
        }
        raise tk.ValidationError(errors)


def _missing(project: dict[str, Any]) -> ErrorDict:
    return {
        name: [tk._("Please fill this in")]
        for name in fields.proposal_required()
        if not str(project.get(name) or "").strip()
    }


def _validated(
    project: dict[str, Any],
) -> tuple[dict[str, Any], ErrorDict]:
    """What validators make of the project, as of that of the editors' form.

    :returns: the package, or what is wrong, by the fields of ours
    """
    try:
        return validated(_package(project), None, of_portal()), {}
    except tk.ValidationError as e:
        # What they are made of is asked for.
        asked = {"name": "title", "tags": "tag_string"}
        return {}, {asked.get(n, n): said for n, said in e.error_dict.items()}


def datasets(references: Iterable[str]) -> list[model.Package]:
    """The public datasets with some ids or names, each once.

    :raises ValidationError: where one of them is none; whether it is private
        or unknown is nobody's business
    """
    asked = [*dict.fromkeys(references)]
    found = _public_datasets(asked)
    by_reference = {dataset.name: dataset for dataset in found}
    by_reference |= {dataset.id: dataset for dataset in found}
    if not by_reference.keys() >= {*asked}:
        refuse("datasets", tk._("There is no such public dataset"))
    return [*dict.fromkeys(by_reference[reference] for reference in asked)]


def public_datasets(ids: Iterable[str]) -> list[model.Package]:
    """Those of some datasets that everybody may read, in the given order."""
    found = {dataset.id: dataset for dataset in _public_datasets([*ids])}
    return [found[id_] for id_ in dict.fromkeys(ids) if id_ in found]


def _public_datasets(references: Sequence[str]) -> Sequence[model.Package]:
    package = model.Package
    query = sa.select(package).where(
        package.id.in_(references) | package.name.in_(references),
        package.type != PROJECT_TYPE,
        package.state == model.State.ACTIVE,
        package.private.is_(False),
    )
    return model.Session.scalars(query).all() if references else []


def create(project: dict[str, Any], dataset_ids: Iterable[str]) -> str:
    """Make a proposal a private project with its links; commits nothing.

    Nothing is indexed: that is for `lib.index` after the commit.

    :param project: values by field, checked
    :param dataset_ids: those that aren't public any more are left out
    :returns: id of the project
    :raises ValidationError: where it would be refused now
    """
    context = of_portal()
    context["return_id_only"] = True
    # Where core refuses it, it takes back all that its caller has done.
    validated(_package(project), None, of_portal())
    project_id = tk.get_action("package_create")(context, _package(project))
    link(project_id, dataset_ids)
    return project_id


def change(
    package: model.Package, project: dict[str, Any], *, is_replaced: bool
) -> None:
    """Let a project say something else; commits nothing.

    As core's `package_patch` does, which would index it before the commit.

    :param package: the project as it is stored
    :param project: values by field, checked; what is left out is emptied, but
        for an uploaded picture
    :param is_replaced: whether that picture goes, too
    :raises ValidationError: where it would be refused
    """
    lists = fields.multiple_fields()
    empty = {n: [] if n in lists else "" for n in fields.proposal_fields()}
    stored = str(package.extras.get(pictures.URL_FIELD) or "")
    picture = str(project.get(pictures.URL_FIELD) or "")
    if not picture and not is_replaced and not pictures.is_address(stored):
        picture = stored
    said = _with_tags({**empty, **project, pictures.URL_FIELD: picture})
    context: Context = {**of_portal(), "package": package}
    values = validated({**show(package.id), **said}, package, context)
    package_dict_save(values, context)
    package.metadata_modified = clock.now()
    if stored and stored != picture:
        jobs.later(pictures.REMOVE, stored)


def check_approved(project: model.Package, changes: dict[str, Any]) -> None:
    """Leave to reviewers what only a decision may do with a proposal.

    As long as it is not approved, it stays private, and as active or deleted
    as it is. It stays theirs, too; where the city names other reviewers, what
    waits may be given to them.

    :param project: any project
    :param changes: what shall be stored of it
    :raises ValidationError: where that would be a decision
    """
    changed = _changed(project, changes)
    if not changed:
        return
    if Proposal.of_project(project.id, OPEN_STATES):
        if [*changed] == ["owner_org"] and _is_review_organization(
            changed["owner_org"]
        ):
            return
        refuse(
            next(iter(changed)),
            tk._("This is a proposal. Please decide on it under “Review”."),
        )
    if "private" in changed and Proposal.of_project(
        project.id, [ProposalState.HIDDEN]
    ):
        refuse(
            "private",
            tk._(
                "The city’s team has hidden this project, and shows it again"
                " when what they have written about has changed."
            ),
        )
    if Proposal.of_project(project.id, REFUSED_STATES):
        refuse(
            next(iter(changed)),
            tk._(
                "This proposal was declined or withdrawn. It can be proposed"
                " again."
            ),
        )


def _changed(
    project: model.Package, changes: dict[str, Any]
) -> dict[str, Any]:
    """What of a decision would be different, by field."""
    before = {
        "private": project.private,
        "state": project.state,
        "owner_org": project.owner_org,
    }
    after = {name: changes.get(name, before[name]) for name in before}
    after["private"] = boolean_validator(after["private"], {})
    organization = model.Group.get(after["owner_org"])
    after["owner_org"] = organization.id if organization else None
    return {
        name: after[name] for name in before if after[name] != before[name]
    }


def _is_review_organization(organization_id: str | None) -> bool:
    found = review_office.organization()
    return bool(found and found.id == organization_id)


def show(project_id: str) -> dict[str, Any]:
    """The project that a proposal became, as the database has it."""
    return tk.get_action("package_show")(
        {"ignore_auth": True, "use_cache": False}, {"id": project_id}
    )


def fields_of(project: dict[str, Any]) -> dict[str, Any]:
    """What a form for a proposal shows of a project.

    :param project: as `show` gives it
    """
    tags = ", ".join(tag["name"] for tag in project.get("tags", []))
    given = {**project, "tag_string": tags}
    if not pictures.is_address(given.get(pictures.URL_FIELD)):
        # The name of an uploaded one is no address that a form could show.
        given[pictures.URL_FIELD] = ""
    return {
        name: given[name]
        for name in fields.proposal_fields()
        if given.get(name)
    }


def in_lists(project: dict[str, Any]) -> dict[str, Any]:
    """What is said of a project, with lists where pages expect them.

    :param project: values by field, as a form sends them
    :returns: the same, and `tags`
    """
    lists = {
        name: fields.parts(name, value)
        for name in fields.multiple_fields()
        if isinstance(value := project.get(name), str)
    }
    tags = lib_text.tags(project.get("tag_string") or "")
    return {**project, **lists, "tags": tags}


def is_same(project: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two say the same of a project.

    :param project: values by field, checked
    """
    return _comparable(project) == _comparable(other)


def _comparable(project: dict[str, Any]) -> dict[str, Any]:
    said = in_lists(project)
    said.pop("tag_string", None)
    # Core keeps tags in the order of the alphabet.
    said["tags"] = {tag["name"] for tag in said["tags"]}
    return {name: value for name, value in said.items() if value}


def link(project_id: str, dataset_ids: Iterable[str]) -> None:
    """Let a project have these public datasets; commits nothing.

    Links with others, which the proposer doesn't see, stay. The new ones are
    nobody's: the editors of the datasets must not learn who proposes.
    """
    wanted = [dataset.id for dataset in public_datasets([*dataset_ids])]
    linked = linked_datasets(project_id)
    for id_ in linked.keys() - set(wanted):
        model.Session.delete(linked[id_])
    for id_ in wanted:
        if id_ not in linked:
            model.Session.add(Link(project_id=project_id, dataset_id=id_))


def linked_datasets(project_id: str) -> dict[str, Link]:
    """A project's links with public datasets, by the datasets' ids."""
    query = (
        sa.select(Link)
        .join(model.Package, model.Package.id == Link.dataset_id)
        .where(
            Link.project_id == project_id,
            model.Package.state == model.State.ACTIVE,
            model.Package.private.is_(False),
        )
        .order_by(Link.created, Link.dataset_id)
    )
    return {link.dataset_id: link for link in model.Session.scalars(query)}


def _package(project: dict[str, Any]) -> dict[str, Any]:
    return {
        **_with_tags(project),
        "type": PROJECT_TYPE,
        "owner_org": review_organization().id,
        "private": True,
    }


def _with_tags(project: dict[str, Any]) -> dict[str, Any]:
    """A project with its tags as core wants them."""
    project = {**project}
    if "tag_string" in project:
        project["tags"] = lib_text.tags(project.pop("tag_string"))
    return project


def _plain(value: Any) -> Any:
    """A value that JSON has; numbers become text, as validators want them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(value)
