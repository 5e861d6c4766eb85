from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms, text
from ..lib.ckan import ErrorDict, Response
from ..links import picking

successors = forms.blueprint(
    "digifarm_successors", f"/{PROJECT_TYPE}/successor"
)


@successors.route("/<id>")
def edit(id: str) -> str | Response:
    """The form that says what replaces a dataset."""
    return _form(_dataset(id))


@successors.route("/<id>", methods=["POST"])
def save(id: str) -> str | Response:
    """Say what replaces it; where none is picked yet, offer some."""
    dataset = _dataset(id)
    if not (picked := _picked()):
        return _form(dataset)
    moves = bool(forms.text("unchanged"))
    if moves and (question := _to_confirm(dataset, picked)):
        return _form(dataset, question=question)
    try:
        tk.get_action("digifarm_successor_set")(
            {},
            {
                "dataset": dataset["id"],
                "successor": picked,
                "unchanged": moves,
            },
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        message = tk._("This can’t be chosen. Please choose something else.")
        return _form(dataset, {"successor": [message]})
    except tk.ValidationError as e:
        return _form(dataset, _by_field(e.error_dict))
    tk.h.flash_success(
        tk._(
            "Saved. The links of the projects move in a moment, and their"
            " people are told by mail."
        )
        if moves
        else tk._("Saved. The people of linked projects are told by mail.")
    )
    return _back(dataset)


@successors.route("/<id>/delete", methods=["POST"])
def delete(id: str) -> Response:
    """Say that nothing replaces it after all."""
    dataset = _dataset(id)
    try:
        tk.get_action("digifarm_successor_remove")(
            {}, {"dataset": dataset["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.h.flash_error(tk._("No dataset replaces this one."))
    else:
        tk.h.flash_success(
            tk._(
                "No dataset replaces this one any more. Links that the portal"
                " has moved come back in a moment, and who was told is told."
            )
        )
    return _back(dataset)


@successors.route("/<id>/candidates")
def candidates(id: str) -> Response:
    """What can replace a dataset, for the field that completes."""
    dataset = _dataset(id)
    return picking.answer(_matching(dataset, tk.request.args.get("q", "")))


@successors.route("/<id>/move", methods=["POST"])
def move(id: str) -> Response:
    """Move a link of a project to the newer dataset."""
    forms.need_account()
    form = tk.request.form
    try:
        tk.get_action("digifarm_link_move")(
            {},
            {
                "project": text.clean(id),
                "dataset": form.get("dataset", ""),
                "successor": form.get("successor", ""),
            },
        )
    except tk.NotAuthorized:
        return tk.abort(403, tk._("You may not change links here"))
    except (tk.ObjectNotFound, tk.ValidationError):
        tk.h.flash_error(
            tk._("This link can’t be moved. It may have been moved already.")
        )
    else:
        tk.h.flash_success(tk._("The project uses the newer dataset now."))
    return tk.redirect_to(
        f"{PROJECT_TYPE}.read", id=text.clean(id), _anchor="links"
    )


def _dataset(id: str) -> dict[str, Any]:
    """The dataset that is replaced.

    Ends the page for those who may not edit it.
    """
    forms.need_account()
    try:
        dataset = tk.get_action("package_show")({}, {"id": text.clean(id)})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.Invalid):
        return tk.abort(404, tk._("Not found"))
    if dataset["type"] == PROJECT_TYPE:
        return tk.abort(404, tk._("Not found"))
    if not forms.may("digifarm_successor_remove", dataset=dataset["id"]):
        return tk.abort(403, tk._("You may not edit the dataset"))
    return dataset


def _to_confirm(dataset: dict[str, Any], picked: str) -> dict[str, Any] | None:
    """Which links would move where, for who has not confirmed just that.

    :param picked: name or id of the dataset that was chosen
    """
    if forms.text("confirmed") == picked:
        return None
    try:
        new = tk.get_action("package_show")({}, {"id": text.clean(picked)})
        found = tk.get_action("digifarm_project_list")(
            {}, {"dataset": dataset["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        # The action says what is wrong with it.
        return None
    projects = found["results"]
    return {"new": new, "projects": projects} if projects else None


def _form(
    dataset: dict[str, Any],
    errors: Mapping[str, Any] | None = None,
    question: dict[str, Any] | None = None,
) -> str:
    """The form, with what matches what was typed, and what is likely.

    :param question: what is to be confirmed before it is saved
    """
    form, this = tk.request.form, {"dataset": dataset["id"]}
    named = tk.get_action("digifarm_successor_show")({}, this).get("named")
    query = form.get("query", "").strip()
    found = [question["new"]] if question else _matching(dataset, query)
    stored = named and {
        "successor": named["name"],
        "unchanged": named["unchanged"],
    }
    return tk.render(
        "digifarm/successors/edit.html",
        {
            "pkg_dict": dataset,
            "named": named,
            "options": found or _options(this, named),
            "is_guess": not (found or named),
            "query": query,
            # What was found stands below: else it would be searched again.
            "is_open": not found,
            "data": form if tk.request.method == "POST" else stored or {},
            "question": question,
            "errors": {} if question else errors or _question(query, found),
        },
    )


def _options(
    this: dict[str, str], named: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """What can be chosen before anything is typed: what is, or is likely."""
    likely = tk.get_action("digifarm_successor_suggest")({}, this)
    if named is None:
        return likely
    return [named, *(one for one in likely if one["id"] != named["id"])]


def _picked() -> str:
    """What was chosen, or "" where something is to be searched.

    Where scripts run, the field has completed what was typed. Else what was
    typed counts more than what was chosen before.
    """
    form = tk.request.form
    if picked := form.get("picked", "").strip():
        return picked
    is_search = bool(form.get("query", "").strip())
    return "" if is_search else form.get("successor", "").strip()


def _question(query: str, found: list[Any]) -> dict[str, list[str]]:
    """What is left to do after a search, or where nothing was chosen."""
    if tk.request.method != "POST":
        return {}
    if found:
        message = tk._("Please choose the dataset you meant")
    elif query:
        message = tk._("Nothing matches. Please try other words.")
    else:
        message = tk._("Please choose a dataset")
    return {"successor": [message]}


def _by_field(errors: ErrorDict) -> dict[str, list[str]]:
    """Messages by field; the form has one that can be wrong."""
    messages = tk.h.digifarm_errors(errors).values()
    return {"successor": [text for found in messages for text in found]}


def _matching(dataset: dict[str, Any], query: str) -> list[dict[str, Any]]:
    """Datasets that match and that the user may read; not the same one."""
    others = f'-id:"{dataset["id"]}"'
    return picking.find(query, picking.DATASETS, others, with_private=True)


def _back(dataset: dict[str, Any]) -> Response:
    return tk.redirect_to(tk.h.digifarm_address(dataset))
