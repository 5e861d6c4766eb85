"""Tasks of projects: their owners keep them, anybody takes one."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView
from typing_extensions import override

from .. import config
from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib import own_pages, paging, sent
from ..lib.ckan import Response
from ..lib.errors import finding
from ..projects import pages as project_pages
from . import consent, schema

tasks = lib_forms.blueprint("digifarm_tasks", f"/{PROJECT_TYPE}/tasks")
tasks.after_request(lib_forms.keep_secret)

#: The action that sends the mail of the form again.
RESEND = "digifarm_task_resend"

STEPS = {
    "report": lambda: tk._(
        "Thank you! The people of the project look at it and confirm it."
    ),
    "resume": lambda: tk._(
        "The task is with its taker again, who reads what is missing."
    ),
    "done": lambda: tk._("The task is done. How nice!"),
    "return": lambda: tk._("The task is open again."),
    "delete": lambda: tk._("The task has been deleted."),
}


class ProjectView(lib_forms.FormView):
    """Where editors of a project keep its tasks."""

    def get(self, id: str) -> str:
        """Show the tasks and the form for one more."""
        return _page(project_pages.project(id, project_pages.TEAM), {}, {})

    def send(self, wrong: lib_forms.Wrong, id: str) -> str | Response:
        """Add a task."""
        project = project_pages.project(id, project_pages.TEAM)
        data = _texts()
        try:
            tk.get_action("digifarm_task_create")(
                finding(wrong), {**data, "project": project["id"]}
            )
        except tk.ValidationError as e:
            if answer := project_pages.refused_by(project["name"], e):
                return answer
            return _page(project, data, lib_forms.errors_of(e, "title"))
        tk.h.flash_success(tk._("The task has been saved."))
        return tk.redirect_to("digifarm_tasks.project", id=project["name"])


class EditView(lib_forms.FormView):
    """The form for a task that there is."""

    def get(self, id: str) -> str:
        """Show what is stored."""
        lib_forms.need_account()
        task = _task(id)
        project = project_pages.project(task["project_id"], project_pages.TEAM)
        return _edit_form(project, task, {})

    def send(self, wrong: lib_forms.Wrong, id: str) -> str | Response:
        """Save what the form holds."""
        lib_forms.need_account()
        task = _task(id)
        project = project_pages.project(task["project_id"], project_pages.TEAM)
        data = _texts()
        try:
            tk.get_action("digifarm_task_update")(
                finding(wrong), {**data, "id": id}
            )
        except tk.ValidationError as e:
            return _edit_form(project, data, e.error_dict)
        tk.h.flash_success(tk._("The task has been saved."))
        return tk.redirect_to("digifarm_tasks.project", id=project["name"])


def move(id: str, by: str) -> Response:
    """Move a task up or down in the list of those that are in its state."""
    lib_forms.need_account()
    task = _task(id)
    project = project_pages.project(task["project_id"], project_pages.TEAM)
    listed = tk.get_action("digifarm_task_list")(
        {}, {"project": project["id"]}
    )
    ids = [entry["id"] for entry in listed if entry["state"] == task["state"]]
    place = ids.index(id) if id in ids else -1
    other = place - 1 if by == "up" else place + 1
    if 0 <= place < len(ids) and 0 <= other < len(ids):
        ids[place], ids[other] = ids[other], ids[place]
        tk.get_action("digifarm_task_order")(
            {}, {"project": project["id"], "ids": ids}
        )
    return tk.redirect_to("digifarm_tasks.project", id=project["name"])


def step(name: str) -> Response:
    """Take a step of a task's life, as a project or as its taker."""
    said = lib_forms.texts("id", "token", "reason", "reason_code")
    data = {key: value for key, value in said.items() if value}
    try:
        task = tk.get_action(f"digifarm_task_{name}")({}, data)
    except tk.ObjectNotFound as e:
        return tk.abort(404, str(e.message))
    except tk.NotAuthorized:
        return lib_forms.forbidden(tk._("You may not change this task"))
    except tk.ValidationError as e:
        return _not_possible(e, data)
    if "token" in data and name == "return":
        return tk.redirect_to("digifarm_tasks.returned")
    tk.h.flash_success(STEPS[name]())
    return _after_step(name, task, data)


def _after_step(
    name: str, task: dict[str, Any], data: dict[str, str]
) -> Response:
    """The page that comes after a step: the project's, or the taker's."""
    if "token" in data:
        return tk.redirect_to("digifarm_tasks.by_link", token=data["token"])
    if lib_forms.may("package_update", id=task["project_id"]):
        return tk.redirect_to("digifarm_tasks.project", id=task["project_id"])
    if name == "report":
        return tk.redirect_to("digifarm_own_tasks.read", id=task["id"])
    return tk.redirect_to(own_pages.DASHBOARD)


def _not_possible(error: tk.ValidationError, data: dict[str, str]) -> Any:
    """Say why, on the page where a step was taken."""
    if "token" in error.error_dict:
        return lib_forms.invalid_link(error)
    if page := lib_forms.refused(error):
        return page
    lib_forms.flash_errors(error)
    if "token" in data:
        return tk.redirect_to("digifarm_tasks.by_link", token=data["token"])
    return _back(data.get("id", ""))


class TakeView(lib_forms.FormView):
    """The form by which anybody takes a task."""

    for_everybody = True

    def get(self, id: str) -> Any:
        """Show the task and the form."""
        task = _task(id)
        if elsewhere := project_pages.instead_of_help(task["project"]):
            return elsewhere
        user = tk.g.userobj
        data = {"name": user.display_name if user else ""}
        return _take_form(task, data, {})

    def send(self, wrong: lib_forms.Wrong, id: str) -> Any:
        """Take the task."""
        task = _task(id)
        data = lib_forms.texts("name", "email", "consent")
        try:
            assignment = tk.get_action("digifarm_task_take")(
                finding(wrong),
                {
                    **data,
                    "id": id,
                    "submission": lib_forms.read_stamp() or "",
                },
            )
        except lib_forms.REFUSALS as e:
            if answer := project_pages.refused_by(task["project"]["name"], e):
                return answer
            errors = lib_forms.errors_of(e, lib_forms.FORM)
            return _take_form(_task(id), data, errors), lib_forms.status_of(e)
        if not assignment["confirmed"]:
            sent.remember(RESEND, {"id": id}, data["email"], assignment)
            return tk.redirect_to("digifarm_tasks.sent", id=id)
        tk.h.flash_success(_thanks())
        return tk.redirect_to("digifarm_own_tasks.read", id=id)


class SentView(sent.SentView):
    """Says that a mail is on its way."""

    action = RESEND
    template = "digifarm/tasks/sent.html"

    @override
    def values(self, **args: str) -> dict[str, Any]:
        return {"task": _task(args["id"]), "days": config.token_days()}


class ConfirmView(MethodView):
    """Where the link in the mail leads; mail scanners follow links, too."""

    def get(self, token: str) -> Any:
        """Show the task, and a button."""
        return _by_token("digifarm/tasks/confirm.html", token)

    def post(self, token: str) -> Any:
        """Take the task."""
        data = lib_forms.sent_texts("name")
        try:
            assignment = tk.get_action("digifarm_task_confirm")(
                {}, {**data, "token": token}
            )
        except (tk.ValidationError, tk.NotAuthorized) as e:
            errors = getattr(e, "error_dict", {})
            if "name" not in errors:
                return lib_forms.invalid_link(e)
            template = "digifarm/tasks/confirm.html"
            return _by_token(template, token, data, errors)
        tk.h.flash_success(_thanks())
        return tk.redirect_to(
            "digifarm_tasks.by_link", token=assignment["token"]
        )


def by_link(token: str) -> Any:
    """A task for whoever has taken it."""
    return _by_token("digifarm/tasks/read.html", token)


def returned() -> str:
    """Say goodbye to somebody without an account."""
    return tk.render("digifarm/tasks/returned.html", {})


def _thanks() -> str:
    return tk._(
        "Thank you! The task is yours now, and the people of the project"
        " know it. You have a mail with what comes next."
    )


def _task(id: str) -> dict[str, Any]:
    """A task that the reader may see; else the page ends."""
    try:
        return tk.get_action("digifarm_task_show")({}, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return tk.abort(404, tk._("Task not found"))


def _back(id: str) -> Response:
    """To the list that a task stands on, or stood on."""
    try:
        task = tk.get_action("digifarm_task_show")({}, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return tk.redirect_to("digifarm_help.index")
    if task.get("taker"):
        return tk.redirect_to("digifarm_own_tasks.read", id=id)
    return tk.redirect_to("digifarm_tasks.project", id=task["project"]["name"])


def _texts() -> dict[str, str]:
    """What the form of a task sent."""
    return lib_forms.texts(*schema.TEXTS)


def _page(project: dict[str, Any], data: dict[str, Any], errors: Any) -> str:
    listed = paging.uncounted_page(
        "digifarm_task_list",
        {"project": project["id"], "takers": True},
        "tasks",
    )
    return tk.render(
        "digifarm/tasks/project.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "tasks": listed,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
        },
    )


def _edit_form(
    project: dict[str, Any], data: dict[str, Any], errors: Any
) -> str:
    return tk.render(
        "digifarm/tasks/edit.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
        },
    )


def _take_form(task: dict[str, Any], data: dict[str, Any], errors: Any) -> str:
    return tk.render(
        "digifarm/tasks/take.html",
        {
            "task": task,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "stamp": lib_forms.stamp(),
            "honeypot": lib_forms.HONEYPOT,
            "task_days": config.task_days(),
            "grace_days": config.TASK_GRACE_DAYS,
            "consent": consent.taking(),
        },
    )


def _by_token(
    template: str,
    token: str,
    data: dict[str, str] | None = None,
    errors: Any = None,
) -> Any:
    try:
        task = tk.get_action("digifarm_task_show")({}, {"token": token})
    except tk.ObjectNotFound as e:
        return tk.abort(404, str(e.message))
    except (tk.ValidationError, tk.NotAuthorized) as e:
        return lib_forms.invalid_link(e)
    return tk.render(
        template,
        {
            "task": task,
            "token": token,
            "data": data or task["taker"],
            "errors": tk.h.digifarm_errors(errors or {}),
        },
    )


tasks.add_url_rule("/<id>", view_func=ProjectView.as_view("project"))
tasks.add_url_rule("/edit/<id>", view_func=EditView.as_view("edit"))
tasks.add_url_rule(
    "/<any(up, down):by>/<id>", view_func=move, methods=["POST"]
)
tasks.add_url_rule("/take/<id>", view_func=TakeView.as_view("take"))
tasks.add_url_rule("/take/<id>/sent", view_func=SentView.as_view("sent"))
tasks.add_url_rule(
    "/confirm/<token>", view_func=ConfirmView.as_view("confirm")
)
tasks.add_url_rule("/link/<token>", view_func=by_link)
tasks.add_url_rule("/returned/thanks", view_func=returned)
tasks.add_url_rule(
    "/step/<any(report, resume, done, return, delete):name>",
    view_func=step,
    methods=["POST"],
)
