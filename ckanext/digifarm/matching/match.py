"""How well a partner and a project fit, and why, in words for people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk

from ..projects import fields

#: From this number on, more supported projects count no more.
MAX_HISTORY = 3


@dataclass(frozen=True)
class Match:
    """What a partner and a project have in common.

    :param areas: those that one could give and the other looks for
    :param competences: those of the partner that the project works with
    :param action_fields: those of both
    :param supports: how many public projects in action fields of the project
        the partner supports or supported
    :param supported_fields: these action fields
    """

    areas: list[str]
    competences: list[str]
    action_fields: list[str]
    supports: int
    supported_fields: list[str]

    def rank(self, title: str) -> tuple[int, int, int, str]:
        """What matches are sorted by: the best is the smallest.

        What fits comes first: each action field and each competence in
        common counts one. Only between those who fit equally well, earlier
        support decides, and that up to a bound. So a partner who has never
        supported anything may come first, and those who support much don't
        leave all others behind.

        :param title: of the partner or the project that was found; it decides
            between those that have nothing else to tell them apart
        """
        fit = len(self.action_fields) + len(self.competences)
        history = min(self.supports, MAX_HISTORY)
        return -fit, -history, -len(self.areas), title.casefold()

    def reasons(self) -> list[str]:
        """Why the partner fits the project, in the language of the request.

        The first names the areas.
        """
        areas = _labels("help_wanted", self.areas)
        reasons = [tk._("could give: {areas}").format(areas=areas)]
        if self.competences:
            competences = ", ".join(self.competences)
            reasons.append(
                tk._("knows {competences}").format(competences=competences)
            )
        if self.action_fields:
            action_fields = _labels("action_fields", self.action_fields)
            reasons.append(
                tk._("cares for {action_fields}").format(
                    action_fields=action_fields
                )
            )
        if self.supports:
            reasons.append(
                tk.ungettext(
                    "supports or supported {num} project in {action_fields}",
                    "supports or supported {num} projects in {action_fields}",
                    self.supports,
                ).format(
                    num=self.supports,
                    action_fields=_labels(
                        "action_fields", self.supported_fields
                    ),
                )
            )
        return reasons

    def dictize(self) -> dict[str, Any]:
        """What the API says of this match."""
        return {
            "areas": self.areas,
            "competences": self.competences,
            "action_fields": self.action_fields,
            "supports": self.supports,
            "reasons": self.reasons(),
        }


def match(
    partner: Mapping[str, Any],
    project: Mapping[str, Any],
    given: Collection[str],
    history: Collection[Collection[str]],
) -> Match:
    """Compare a partner with a project.

    :param partner: its `areas`, `competences` and `action_fields`
    :param project: its `help_wanted`, `technologies` and `action_fields`
    :param given: areas in which the partner supports the project already
    :param history: the action fields of each public project that the partner
        supports or supported; private ones must not show through
    """
    technologies = {word.casefold() for word in project["technologies"]}
    wanted = set(project["action_fields"])
    alike = [shared for of in history if (shared := wanted.intersection(of))]
    return Match(
        areas=[
            area
            for area in project["help_wanted"]
            if area in partner["areas"] and area not in given
        ],
        competences=[
            word
            for word in partner["competences"]
            if word.casefold() in technologies
        ],
        action_fields=[
            action_field
            for action_field in project["action_fields"]
            if action_field in partner["action_fields"]
        ],
        supports=len(alike),
        supported_fields=[
            action_field
            for action_field in project["action_fields"]
            if any(action_field in shared for shared in alike)
        ],
    )


def _labels(name: str, values: list[str]) -> str:
    return ", ".join(fields.choice_label(name, value) for value in values)
