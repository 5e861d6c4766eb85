"""How levels go up and down as projects change."""

from __future__ import annotations

from collections import Counter

from .booking import Book
from .groups import Group, groups_of
from .numbers import Number
from .project_story import Standing


class Levels:
    """Books what changes between two standings of a project.

    A dataset that several projects use is one dataset, so it is remembered
    for each group how many have it.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._holders: Counter[tuple[Number, Group, str]] = Counter()

    def change(self, before: Standing, after: Standing) -> None:
        """Book that a project stood one way, and stands another way now."""
        if before == after:
            return
        is_same = before.facts == after.facts
        for number, key in before.levels.keys() | after.levels.keys():
            less = before.levels.get((number, key), 0)
            more = after.levels.get((number, key), 0)
            if is_same:
                self._add(after, number, key, more - less)
            else:
                self._add(before, number, key, -less)
                self._add(after, number, key, more)
        for number in before.things.keys() | after.things.keys():
            self._things(number, before, after, is_same=is_same)

    def _add(
        self, standing: Standing, number: Number, key: str, amount: int
    ) -> None:
        if amount:
            self._book.add(number, key, standing.facts, amount)

    def _things(
        self,
        number: Number,
        before: Standing,
        after: Standing,
        *,
        is_same: bool,
    ) -> None:
        had = before.things.get(number, frozenset())
        has = after.things.get(number, frozenset())
        kept = had & has if is_same else frozenset()
        for group in groups_of(after.facts):
            for thing in has - kept:
                self._held(number, group, thing, 1)
        for group in groups_of(before.facts):
            for thing in had - kept:
                self._held(number, group, thing, -1)

    def _held(
        self, number: Number, group: Group, thing: str, amount: int
    ) -> None:
        key = number, group, thing
        held, holds = self._holders[key], self._holders[key] + amount
        if holds:
            self._holders[key] = holds
        else:
            del self._holders[key]
        if not (held and holds):
            self._book.add_to(group, number, amount)
