"""Packages that tests share until one of them changes one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from ckan import model
from ckan.lib.search.common import make_connection


class Kept:
    """A package for all tests of a module, made anew after each change.

    To look whether it is as it was costs far less than to make one for each
    test, and needs nobody who knows which of them change it.

    :param create: makes one, and gives its dictionary
    """

    def __init__(self, create: Callable[[], dict[str, Any]]) -> None:
        self._create = create
        self._package: dict[str, Any] | None = None
        self._seen: Any = None

    def get(self) -> dict[str, Any]:
        """The package, in the state in which it was made."""
        model.Session.rollback()
        if self._package is None or self._seen != self._look():
            self._package = self._create()
            self._seen = self._look()
        return copy.deepcopy(self._package)

    def forget(self) -> None:
        """Make a new one next time, for tests that look at how it began."""
        self._package = None

    def _look(self) -> list[Any]:
        """All that rows and index say of it.

        The index notes when it was written, so that nothing is overlooked.
        """
        assert self._package
        id_ = self._package["id"]
        columns = (
            model.package_table.c.id,
            model.package_member_table.c.package_id,
            model.member_table.c.table_id,
        )
        rows = [
            sorted(
                map(
                    str,
                    model.Session.execute(
                        sa.select(column.table).where(column == id_)
                    ),
                )
            )
            for column in columns
        ]
        found = make_connection().search(f'id:"{id_}"', fl="*", rows=1)
        return [*rows, [sorted(document.items()) for document in found.docs]]
