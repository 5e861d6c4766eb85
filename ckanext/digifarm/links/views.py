from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms, text
from ..lib.ckan import ErrorDict, Response
from ..projects.pages import TEAM
from . import picking
from .model import Side

#: Below both types, as either side may link.
links = forms.blueprint("digifarm_links", f"/{PROJECT_TYPE}/links")

#: Fields of the form that show their own mistakes.
FIELDS = ("note", "relation")


@links.route("/<id>", methods=["POST"])
def create(id: str) -> str | Response:
    """Link what was picked; where there are words left, offer what matches."""
    package, side = _package(id)
    form = tk.request.form
    picked = form.getlist("linked")
    if form.get("query", "").strip():
        return _pick(package, side)
    if not picked:
        message = tk._("Please choose at least one")
        return _pick(package, side, {"linked": [message]})
    try:
        saved = tk.get_action("digifarm_links_create")(
            {},
            {
                side.value: package["id"],
                "linked": picked,
                "relation": form.get("relation") or "uses",
                "note": form.get("note", ""),
                "linked_from": side.value,
            },
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        message = tk._("This can’t be linked. Please choose something else.")
        return _pick(package, side, {"linked": [message]})
    except tk.ValidationError as e:
        return _pick(package, side, _by_field(e.error_dict))
    tk.h.flash_success(
        tk.ungettext(
            "The link has been saved.",
            "{num} links have been saved.",
            len(saved),
        ).format(num=len(saved))
    )
    return _back(package)


@links.route("/<id>/delete", methods=["POST"])
def delete(id: str) -> str | Response:
    """Remove a link."""
    package, side = _package(id)
    try:
        tk.get_action("digifarm_link_delete")(
            {},
            {
                side.value: package["id"],
                side.other.value: tk.request.form.get("linked", ""),
                "removed_from": side.value,
                **forms.sent_texts("reason"),
            },
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.h.flash_error(tk._("This link no longer exists."))
    except tk.ValidationError as e:
        if page := forms.refused(e):
            return page
        tk.h.flash_error(tk._("This link no longer exists."))
    else:
        tk.h.flash_success(tk._("The link has been removed."))
    return _back(package)


@links.route("/<id>/candidates")
def candidates(id: str) -> Response:
    """What can be linked with a package, for the field that completes."""
    package, side = _package(id)
    found = _candidates(package, side, tk.request.args.get("q", ""))
    return picking.answer(found)


def _package(id: str) -> tuple[dict[str, Any], Side]:
    """The package whose links are changed, and which side it is.

    Ends the page for those who may not edit it.
    """
    forms.need_account()
    try:
        package = tk.get_action("package_show")({}, {"id": text.clean(id)})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.Invalid):
        return tk.abort(404, tk._("Not found"))
    is_project = package["type"] == PROJECT_TYPE
    # Reviewers mend a project’s entry; its links are for its team.
    if not forms.may(TEAM if is_project else "package_update", id=id):
        return tk.abort(403, tk._("You may not change links here"))
    return package, Side.PROJECT if is_project else Side.DATASET


def _pick(
    package: dict[str, Any],
    side: Side,
    errors: Mapping[str, Any] | None = None,
) -> str:
    """The page that offers packages for what was typed."""
    form = tk.request.form
    query = form.get("query", "")
    return tk.render(
        "digifarm/links/pick.html",
        {
            "pkg_dict": package,
            "side": side.value,
            "chosen": picking.chosen(
                form.getlist("linked"),
                with_private=True,
                kind=_kind(side.other),
            ),
            "candidates": _candidates(package, side, query),
            "data": form,
            "errors": errors or {},
        },
    )


def _by_field(errors: ErrorDict) -> dict[str, list[str]]:
    """Messages by field; those of none stand where packages are picked."""
    result: dict[str, list[str]] = {}
    for name, messages in tk.h.digifarm_errors(errors).items():
        field = name if name in FIELDS else "linked"
        result.setdefault(field, []).extend(messages)
    return result


def _candidates(
    package: dict[str, Any], side: Side, query: str
) -> list[dict[str, Any]]:
    """Packages of the other side that can be linked and match.

    :param package: the one that they would be linked with
    :param side: its side
    :param query: words, the last of which may be incomplete
    :returns: those that the user may read; not what is linked already
    """
    filters = [_kind(side.other)]
    if linked := picking.linked(side, package["id"]):
        ids = " OR ".join(f'"{id_}"' for id_ in linked)
        filters.append(f"-id:({ids})")
    return picking.find(query, *filters, with_private=True)


def _kind(side: Side) -> str:
    """What finds the packages of a side."""
    return picking.PROJECTS if side is Side.PROJECT else picking.DATASETS


def _back(package: dict[str, Any]) -> Response:
    return tk.redirect_to(f"{tk.h.digifarm_address(package)}#links")
