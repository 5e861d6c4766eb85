"""The answers of a project's people, and what they do."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..endings import form_fields, saying
from ..endings import schema as ending_schema
from ..lib import clock, index, lookups
from ..lib.ckan import Context, DataDict, model
from ..lib.errors import refuse
from ..lib.events import choices
from ..projects import fields, stage_notes, stages
from ..projects.wanting import AREAS
from . import achievements, schema
from .kinds import CONFIRMED, Answer, thanks

HELP, TAKEOVER, ENDED, ARRIVED = "help", "takeover", "ended", "arrived"

#: The field with what a caretaker does.
CARE_NOTE = f"{stages.CARE}_help"


def is_wanted_here(project: model.Package) -> bool:
    """Whether it lives elsewhere, and somebody wants it here."""
    return (project.extras or {}).get("stage") == stages.WANTED_HERE


def of(project: model.Package) -> list[Answer]:
    """The answers that can be given, as far as the schema file has fields."""
    if is_wanted_here(project):
        found = [_still_wanted(), _arrived(project), _ended(project)]
    else:
        found = [
            _confirmed(),
            _help(project),
            _takeover(project),
            _ended(project),
        ]
    return [answer for answer in found if answer]


def achieved() -> dict[str, Any]:
    """The field on what was achieved this year, as the form has it."""
    return {
        "field_name": schema.ACHIEVED,
        "label": tk._("What was achieved in {year}? (optional)").format(
            year=achievements.this_year()
        ),
        "help_text": tk._(
            "One sentence for the report of the year, which everybody can"
            " read. Please name no persons."
        ),
        "form_attrs": {"maxlength": schema.MOST_ACHIEVED},
        "form_snippet": "digifarm/projects/form_fields/text.html",
    }


def label(answer: str) -> str:
    """The words of an answer that was given."""
    found = {
        CONFIRMED: lambda: tk._("Everything is as it says"),
        HELP: lambda: tk._("We need help"),
        TAKEOVER: lambda: tk._("Somebody else should take it over"),
        ARRIVED: lambda: tk._("It is in use here by now"),
        ENDED: lambda: tk._("It has ended"),
    }.get(answer)
    return found() if found else ""


def wanted_now(project: model.Package) -> str:
    """In which areas a project looks for help, in a sentence."""
    extras = project.extras or {}
    wanted = choices(extras.get(AREAS))
    open_ = stages.open_areas(extras, wanted)
    closed = [area for area in wanted if area not in open_]
    if closed and stages.is_silent(extras):
        text = tk._(
            "As nobody has confirmed the page for long, its search for help"
            " is closed: {areas}. Your answer opens it again."
        )
        return text.format(areas=_named(closed))
    if not open_:
        return tk._("It looks for no help now.")
    return tk._("It looks for help: {areas}.").format(areas=_named(open_))


def _named(areas: list[str]) -> str:
    return ", ".join(fields.choice_label(AREAS, area) for area in areas)


def act(
    context: Context, project_id: str, answer: str, data: DataDict
) -> None:
    """Do what an answer says; commits.

    :param context: of somebody who may update the project
    :param data: what was given of the answer's fields
    :raises ValidationError: with the names of fields
    """
    if answer == ENDED:
        tk.get_action("digifarm_project_end")(
            tk.fresh_context(context), {**_filled(data), "id": project_id}
        )
    elif answer != CONFIRMED:
        given = {
            HELP: _help_given,
            TAKEOVER: _takeover_given,
            ARRIVED: _arrived_given,
        }[answer](project_id, data)
        tk.get_action("package_patch")(
            tk.fresh_context(context), {**given, "id": project_id}
        )


def end(project_id: str, data: DataDict) -> None:
    """End a project that is not one's own; commits nothing.

    :param data: what was given of the answer's fields
    :raises ValidationError: with the names of fields
    """
    values, errors = tk.navl_validate(
        {**_filled(data), "id": project_id}, ending_schema.project_end()
    )
    if errors:
        raise tk.ValidationError(errors)
    project = lookups.lock_by_id(model.Package, project_id)
    if project is None:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    with saying.said(saying.of(values, is_over=False)):
        note = stage_notes.given(values)
        project.extras = {**project.extras, "stage": values["stage"], **note}
        project.metadata_modified = clock.now()
        model.Session.flush()
    index.reindex_later(project_id)


def _confirmed() -> Answer:
    return Answer(
        CONFIRMED,
        tk._("Everything is as it says"),
        tk._("Then its page says when that was confirmed last."),
        thanks(tk._("Thank you! This page says now that it is confirmed.")),
    )


def _still_wanted() -> Answer:
    return Answer(
        CONFIRMED,
        tk._("Yes, it is still wanted here"),
        tk._("Then its page says when that was confirmed last."),
        thanks(tk._("Thank you! This page says now that it is confirmed.")),
    )


def _arrived(project: model.Package) -> Answer | None:
    if stages.LIVE not in _values("stage"):
        return None
    return Answer(
        ARRIVED,
        tk._("It is in use here by now"),
        tk._("Then its page says so."),
        tk._("How nice! This page says so now."),
        fields=stage_notes.form_fields(
            _note(project), tk._("Who uses it, and since when?")
        ),
    )


def _help(project: model.Package) -> Answer | None:
    """Which help is needed, and what exactly."""
    areas = fields.areas()
    if not areas:
        return None
    names = [AREAS, *(f"{area}_help" for area in areas)]
    return Answer(
        HELP,
        tk._("We need help"),
        tk._("Then its page looks for that help."),
        tk._("Thank you! This page looks for that help now."),
        fields=_fields(names),
        values=_stored(project, names),
    )


def _takeover(project: model.Package) -> Answer | None:
    if stages.CARE not in fields.areas():
        return None
    return Answer(
        TAKEOVER,
        tk._("Somebody else should take it over"),
        tk._("Then its page looks for somebody who looks after it."),
        tk._("Thank you! This page looks for somebody now."),
        fields=_fields([CARE_NOTE]),
        values=_stored(project, [CARE_NOTE]),
    )


def _ended(project: model.Package) -> Answer | None:
    if not ending_schema.stages_over():
        return None
    return Answer(
        ENDED,
        tk._("No, it is wanted no longer")
        if is_wanted_here(project)
        else tk._("It has ended"),
        tk._(
            "Nothing is lost: its page stays, and says what has become of it."
        ),
        tk._("Thank you! This page says now what has become of it."),
        fields=form_fields.of(project.id, note=_note(project), is_over=False),
        values=form_fields.usual(),
        confirms=False,
    )


def _help_given(project_id: str, data: DataDict) -> DataDict:
    areas = data.get(AREAS) or []
    areas = [areas] if isinstance(areas, str) else areas
    if not areas:
        refuse(AREAS, tk._("Please choose at least one"))
    return {**data, AREAS: areas}


def _note(project: model.Package) -> str:
    """What is said of its stage so far."""
    return (project.extras or {}).get(stage_notes.NOTE) or ""


def _arrived_given(project_id: str, data: DataDict) -> DataDict:
    return {"stage": stages.LIVE, **stage_notes.given(data)}


def _takeover_given(project_id: str, data: DataDict) -> DataDict:
    project = model.Package.get(project_id)
    wanted = choices((project.extras or {}).get(AREAS)) if project else []
    return {**data, AREAS: [*dict.fromkeys([*wanted, stages.CARE])]}


def _filled(data: DataDict) -> DataDict:
    return {name: value for name, value in data.items() if value}


def _fields(names: list[str]) -> list[dict[str, Any]]:
    """Fields of the schema file, as far as it has them."""
    found = [field for name in names if (field := fields.field(name))]
    return [
        {**field, "label": fields.text(field["label"])}
        for field in found
        if field.get("form_snippet")
    ]


def _stored(project: model.Package, names: list[str]) -> dict[str, Any]:
    extras = project.extras or {}
    return {
        name: choices(extras.get(name)) if name == AREAS else extras.get(name)
        for name in names
    }


def _values(name: str) -> set[str]:
    return {choice["value"] for choice in fields.choices(name)}
