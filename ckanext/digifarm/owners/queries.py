"""Which projects are whose: queries on CKAN's own tables.

The rules by which a project looks for somebody are those of needs.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from ..lib.ckan import model
from ..lib.counting import ENOUGH, part_of
from ..lib.people import CAPACITIES
from ..proposals.model import KEPT_STATES, Proposal
from ..support.model import Support, SupportState

Condition = sa.ColumnElement[bool]


def owned_by(user_id: str | None) -> sa.Select[tuple[str]]:
    """A query for the ids of the packages that somebody owns.

    :param user_id: their id; None where the portal has no collaborators
    """
    return sa.select(model.PackageMember.package_id).where(
        model.PackageMember.user_id == user_id,
        model.PackageMember.capacity.in_(CAPACITIES),
    )


def of_editor(
    package_type: str,
    user_id: str | None,
    organizations: Sequence[str],
    *,
    limit: int,
    offset: int,
    state: str = model.State.ACTIVE,
) -> tuple[int, list[str]]:
    """Projects that somebody owns, then what they edit for organisations.

    What is only proposed is not one yet, or never became one. Two lists, as
    PostgreSQL walks an index for each of them, and none for both at once.

    :param package_type: the type of projects
    :param user_id: their id; None where the portal has no collaborators
    :param organizations: ids of those that they edit for
    :param limit: how many at most
    :param offset: how many to leave out first
    :param state: that of the packages
    :returns: as `ids`
    """
    package = model.package_table.c
    proposed = sa.select(Proposal.id).where(
        Proposal.project_id == package.id,
        Proposal.state.not_in([state.value for state in KEPT_STATES]),
    )
    is_one = sa.and_(
        package.type == package_type,
        package.state == state,
        ~proposed.exists(),
    )
    is_owned = package.id.in_(owned_by(user_id))
    count, found = ids(is_one & is_owned, limit, offset)
    if not organizations:
        return count, found
    left = limit - len(found)
    more, others = ids(
        is_one & package.owner_org.in_(organizations) & ~is_owned,
        # What is not shown is counted.
        max(left, 1),
        max(offset - count, 0),
    )
    return count + more, [*found, *others[:left]]


def without_caretaker(
    package_type: str,
    area: str,
    quiet: Collection[str],
    *,
    with_owners: bool,
) -> Condition:
    """Public projects that look for somebody who looks after them.

    :param package_type: the type of projects
    :param area: the area of those who do
    :param quiet: the stages of projects that look for nobody
    :param with_owners: whether the portal has owners at all
    """
    package = model.package_table.c
    wanted = package.extras["help_wanted"].astext
    # A list in JSON, or a plain text from before the field was one.
    needs = wanted.contains(f'"{area}"') | (wanted == area)
    if with_owners:
        needs = sa.func.coalesce(needs, False) | ~is_owned(area)
    return sa.and_(
        package.type == package_type,
        package.state == model.State.ACTIVE,
        package.private.is_(False),
        sa.func.coalesce(package.extras["stage"].astext, "").not_in(quiet),
        needs,
    )


def is_owned(area: str) -> Condition:
    """Whether a package has an owner, or a supporter who looks after it.

    :param area: the area of those who do
    """
    package = model.package_table.c
    owners = (
        sa.select(model.PackageMember.user_id)
        .join(model.User, model.User.id == model.PackageMember.user_id)
        .where(
            model.PackageMember.package_id == package.id,
            model.PackageMember.capacity.in_(CAPACITIES),
            # Whoever was invited and doesn't come looks after nothing.
            model.User.state == model.State.ACTIVE,
        )
    )
    supports = sa.select(Support.id).where(
        Support.project_id == package.id,
        Support.area == area,
        Support.state == SupportState.ACCEPTED.value,
    )
    return owners.exists() | supports.exists()


def has_owner(project_id: str, area: str) -> bool:
    """Whether a project has an owner, or a supporter who looks after it.

    One SQL statement.

    :param area: the area of those who do
    """
    query = sa.select(model.Package.id).where(
        model.Package.id == project_id, is_owned(area)
    )
    return model.Session.scalar(query) is not None


def ids(
    condition: Condition, limit: int | None = None, offset: int = 0
) -> tuple[int, list[str]]:
    """The ids of projects: first what nobody has touched for the longest.

    :param condition: which ones
    :param limit: how many at most
    :param offset: how many to leave out first
    :returns: the number of all, of which `ENOUGH` are counted, and the ids
    """
    package = model.package_table.c
    query = sa.select(package.id).where(condition)
    query = query.order_by(package.metadata_modified, package.id)
    return part_of(query, limit, offset, ENOUGH)


def owned_among(project_ids: Sequence[str], user_id: str | None) -> set[str]:
    """Which of some projects somebody owns; see `owned_by`."""
    owned = owned_by(user_id).where(
        model.PackageMember.package_id.in_(project_ids)
    )
    return set(model.Session.scalars(owned))


def named(project_ids: Sequence[str]) -> list[dict[str, str]]:
    """What some projects are called, in the order of their ids."""
    package = model.package_table.c
    query = sa.select(package.id, package.name, package.title).where(
        package.id.in_(project_ids)
    )
    found = {row.id: row._asdict() for row in model.Session.execute(query)}
    return [found[id_] for id_ in project_ids if id_ in found]
