from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask import jsonify
from flask.views import MethodView
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from .. import config
from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib import own_pages, text
from ..lib.ckan import Response, SearchIndexError
from ..lib.errors import finding
from ..links import picking
from . import about as about_text
from . import alike, fields, licence_choices, pages, pictures, stages
from .picture_forms import FormPicture

projects = lib_forms.blueprint("digifarm_projects", f"/{PROJECT_TYPE}")


#: A field of the form that is none of the project's.
STILL_RIGHT = "still_right"


class CreateView(lib_forms.FormView):
    """The form for a new project."""

    def get(self) -> str | Response:
        """Show the form; parameters of the address fill its fields."""
        if not lib_forms.may("package_create"):
            return lib_forms.forbidden(
                tk._("You may not create civic projects")
            )
        return _form("new", form_data(tk.request.args))

    def send(self, wrong: lib_forms.Wrong) -> Any:
        """Create the project."""
        data = form_data(tk.request.form)
        data |= alike.answers(tk.request.form)
        picture = FormPicture()
        wrong = {
            **wrong,
            **picking.questions(with_private=True),
            **alike.questions(data),
            **picture.errors,
        }
        try:
            project = tk.get_action("package_create")(
                finding(wrong),
                {**_for_action(data, picture), "type": PROJECT_TYPE},
            )
        except tk.NotAuthorized:
            return lib_forms.forbidden(
                tk._("You may not create civic projects")
            )
        except tk.ValidationError as e:
            return _form("new", data, e.error_dict, picture=picture)
        except SearchIndexError:
            lib_forms.say_not_saved()
            return _form("new", data, picture=picture)
        _link(project, tk.request.form.getlist("datasets"))
        return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])


class EditView(lib_forms.FormView):
    """The form for a project that there is."""

    def get(self, id: str) -> str | Response:
        """Show the form with what is stored."""
        project = pages.project(id, "package_update")
        tags = ", ".join(
            tag["name"]
            for tag in project.get("tags", [])
            if not tag.get("vocabulary_id")
        )
        return _form("edit", {**project, "tag_string": tags}, project=project)

    def send(self, wrong: lib_forms.Wrong, id: str) -> Any:
        """Save the project."""
        project = pages.project(id, "package_update")
        data = form_data(tk.request.form)
        data[STILL_RIGHT] = tk.request.form.get(STILL_RIGHT, "")
        picture = FormPicture()
        # An uploaded picture has no address that the form could show.
        stored = project.get("image_url")
        if not data.get("image_url") and not pictures.is_address(stored):
            data["image_url"] = stored
        given = _for_action(data, picture, project)
        # Whoever ends it is asked why first, as others get that by mail.
        ends = not stages.is_over(project.get("stage")) and (
            stages.is_over(given.get("stage"))
        )
        if ends:
            given["stage"] = project.get("stage", "")
        try:
            saved = tk.get_action("package_patch")(
                finding({**wrong, **picture.errors}),
                {**given, "id": project["id"]},
            )
        except tk.ValidationError as e:
            return _form("edit", data, e.error_dict, project, picture)
        except SearchIndexError:
            lib_forms.say_not_saved()
            return _form("edit", data, None, project, picture)
        if not ends and STILL_RIGHT in tk.request.form:
            _confirm(saved["id"])
        if ends:
            tk.h.flash_notice(
                tk._(
                    "All else has been saved. One more step ends the project."
                )
            )
            return tk.redirect_to(
                "digifarm_endings.end", id=saved["name"], stage=data["stage"]
            )
        tk.h.flash_success(tk._("The project has been saved."))
        return tk.redirect_to(f"{PROJECT_TYPE}.read", id=saved["name"])


def _confirm(project_id: str) -> None:
    """Say that all else is as it says, too, for who has ticked that."""
    # Reviewers mend an entry, and can't say so.
    if lib_forms.may("digifarm_confirmation_answer", project=project_id):
        tk.get_action("digifarm_confirmation_answer")(
            {}, {"project": project_id, "answer": "confirmed"}
        )


class DeleteView(MethodView):
    """Asks before a project is deleted."""

    def get(self, id: str) -> str | Response:
        """Ask."""
        project = pages.project(id, "package_delete")
        return tk.render(
            "digifarm/projects/confirm_delete.html", {"pkg_dict": project}
        )

    def post(self, id: str) -> str | Response:
        """Delete the project; it can be restored."""
        project = pages.project(id, "package_delete")
        try:
            tk.get_action("package_delete")({}, {"id": project["id"]})
        except tk.ValidationError as e:
            for messages in tk.h.digifarm_errors(e.error_dict).values():
                tk.h.flash_error(" ".join(messages))
            return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])
        except SearchIndexError:
            lib_forms.say_not_saved()
            return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])
        message = tk._("The civic project “{title}” has been deleted.")
        tk.h.flash_notice(
            Markup('{} <a class="alert-link" href="{}">{}</a>').format(
                message.format(title=project["title"]),
                tk.url_for("digifarm_owners.index") + "#deleted",
                tk._("You can restore it here."),
            ),
            allow_html=True,
        )
        return tk.redirect_to(f"{PROJECT_TYPE}.search")


def restore(id: str) -> Response:
    """Bring a deleted project back."""
    project = pages.project(id, "package_update")
    try:
        tk.get_action("package_patch")(
            {}, {"id": project["id"], "state": "active"}
        )
    except tk.ValidationError as e:
        errors = tk.h.digifarm_errors(e.error_dict)
        if "state" in errors:
            # It is no mistake in a field: it was declined, for example.
            tk.h.flash_error(" ".join(errors["state"]))
            return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])
        for name, messages in errors.items():
            tk.h.flash_error(f"{fields.label(name)}: {' '.join(messages)}")
        return tk.redirect_to(
            own_pages.to_field(
                "digifarm_projects.edit", project["name"], next(iter(errors))
            )
        )
    except SearchIndexError:
        lib_forms.say_not_saved()
        return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])
    tk.h.flash_success(
        tk._("The civic project “{title}” is back.").format(
            title=project["title"]
        )
    )
    return tk.redirect_to(f"{PROJECT_TYPE}.read", id=project["name"])


def accompany(id: str) -> Response:
    """Say whether the city accompanies a project."""
    lib_forms.need_account()
    try:
        saved = tk.get_action("digifarm_project_accompany")(
            {},
            {"id": id, "accompanied": tk.request.form.get("accompanied", "")},
        )
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Civic project not found"))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("Only the city’s team can change this"))
    except tk.ValidationError as e:
        lib_forms.flash_errors(e)
        return tk.redirect_to(f"{PROJECT_TYPE}.read", id=id)
    except SearchIndexError:
        lib_forms.say_not_saved()
        return tk.redirect_to(f"{PROJECT_TYPE}.read", id=id)
    tk.h.flash_success(
        tk._("The page says now that the city accompanies this project.")
        if saved["accompanied"]
        else tk._("The page no longer says that the city accompanies it.")
    )
    return tk.redirect_to(f"{PROJECT_TYPE}.read", id=saved["name"])


def datasets() -> Response:
    """Datasets that the user may read, for the field that completes."""
    query = tk.request.args.get("q", "")
    return picking.answer(
        picking.find(query, picking.DATASETS, with_private=True)
    )


def _picked() -> dict[str, Any]:
    names = tk.request.values.getlist("datasets")
    return picking.picked(names, with_private=True)


def _link(project: dict[str, Any], references: list[str]) -> None:
    """Link a new project with the datasets that were chosen."""
    for reference in references:
        try:
            tk.get_action("digifarm_link_create")(
                {}, {"project": project["id"], "dataset": reference}
            )
        except (  # noqa: PERF203 – one that fails leaves the others
            tk.ObjectNotFound,
            tk.NotAuthorized,
            tk.ValidationError,
        ):
            tk.h.flash_error(
                tk._("“{dataset}” can’t be linked.").format(dataset=reference)
            )


def licenses() -> Response:
    """Licences of the SPDX list, for the field that completes."""
    query = tk.request.args.get("q", "")
    return jsonify(licence_choices.suggestions(query))


def about() -> str:
    """Say what a civic project is and how it gets here."""
    return tk.render(
        "digifarm/projects/about.html",
        {
            "own_text": about_text.own_text(),
            "contact_email": config.contact_email(),
        },
    )


def no_resources(id: str) -> Response:
    """Core would order a package's resources here; a project has none."""
    return tk.abort(404, tk._("A civic project has no resources"))


@projects.before_app_request
def redirect_to_own_forms() -> Response | None:
    """Lead from core's forms, which don't know a project's fields, to ours.

    Those for resources lead nowhere, not even for a sysadmin.
    """
    route, _, page = (tk.request.endpoint or "").rpartition(".")
    args = tk.request.view_args or {}
    is_form = page in {"edit", "delete", "resources"}
    is_resource = route.endswith("_resource") and page == "new"
    if not (is_form or is_resource) or not {"package_type", "id"} <= {*args}:
        return None
    if is_form and route == PROJECT_TYPE:
        return None
    try:
        package = tk.get_action("package_show")({}, {"id": args["id"]})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    if package["type"] != PROJECT_TYPE:
        return None
    if is_resource:
        return tk.abort(404, tk._("A civic project has no resources"))
    return tk.redirect_to(f"{PROJECT_TYPE}.{page}", id=package["name"])


@projects.after_app_request
def redirect_to_own_type(response: Response) -> Response:
    """Lead to a package's page under its own type.

    Core shows any package at the address of any type.
    """
    endpoint = tk.request.endpoint or ""
    package = getattr(tk.g, "pkg_dict", None)
    if not endpoint.endswith(".read") or not package:
        return response
    asked = (tk.request.view_args or {}).get("package_type")
    if asked is None or PROJECT_TYPE not in {asked, package["type"]}:
        return response
    if asked == package["type"] or response.status_code != 200:  # noqa: PLR2004
        return response
    return tk.redirect_to(tk.h.digifarm_address(package))


def form_data(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form sent, or an address fills in, as the form shows it."""
    data: dict[str, Any] = {
        name: form[name] for name in ("private",) if name in form
    }
    for field in fields.fields():
        name = field["field_name"]
        if "scheming_multiple_choice" in field.get("validators", ""):
            data[name] = form.getlist(name)
        elif "boolean_validator" in field.get("validators", ""):
            data[name] = name in form
        elif name in form:
            data[name] = form[name].replace("\r\n", "\n")
    return {**data, **licence_choices.read(form)}


def _for_action(
    data: dict[str, Any],
    picture: FormPicture,
    project: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What the form sent, as the actions take it.

    :param picture: that it brings
    :param project: its tags of a vocabulary stay; the form has no others
    """
    data = {**data}
    for name in (licence_choices.ENTERED, STILL_RIGHT):
        data.pop(name, None)
    if "tag_string" in data:
        data["tags"] = text.tags(data.pop("tag_string")) + [
            tag
            for tag in (project or {}).get("tags", [])
            if tag.get("vocabulary_id")
        ]
    if picture.upload:
        data[pictures.UPLOAD_FIELD] = picture.upload
    if pictures.CLEAR_FIELD in tk.request.form:
        data[pictures.CLEAR_FIELD] = True
    return data


def _form(
    action: str,
    data: dict[str, Any],
    errors: dict[str, Any] | None = None,
    project: dict[str, Any] | None = None,
    picture: FormPicture | None = None,
) -> str:
    errors = errors or {}
    if picture:
        kept = picture.keep(errors)
        data, errors = {**data, "kept": kept["kept"]}, kept["errors"]
        data[pictures.CLEAR_FIELD] = pictures.CLEAR_FIELD in tk.request.form
    if project is None:
        data = {**data, "duplicates": alike.found(data)}
        data["organizations"] = tk.h.organizations_available("create_dataset")
    return tk.render(
        f"digifarm/projects/{action}.html",
        {
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "picked": None if project else _picked(),
        },
    )


projects.add_url_rule("/new/datasets", view_func=datasets)
projects.add_url_rule("/new/licenses", view_func=licenses)
projects.add_url_rule("/new", view_func=CreateView.as_view("new"))
projects.add_url_rule("/edit/<id>", view_func=EditView.as_view("edit"))
projects.add_url_rule("/delete/<id>", view_func=DeleteView.as_view("delete"))
projects.add_url_rule("/restore/<id>", view_func=restore, methods=["POST"])
projects.add_url_rule("/accompany/<id>", view_func=accompany, methods=["POST"])
projects.add_url_rule("/about", view_func=about)
projects.add_url_rule("/resources/<id>", view_func=no_resources)
