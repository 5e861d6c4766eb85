"""What those see who have taken a task by account, and the thanks to print."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms, own_pages
from ..lib.ckan import Response

own_tasks = forms.blueprint("digifarm_own_tasks", f"/{PROJECT_TYPE}/tasks")
own_tasks.after_request(forms.keep_secret)


def read(id: str) -> str | Response:
    """A task for whoever has taken it with their account."""
    forms.need_account()
    try:
        task = tk.get_action("digifarm_task_show")({}, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return tk.abort(404, tk._("Task not found"))
    if not task.get("taker"):
        tk.h.flash_notice(tk._("This task is not with you now."))
        return tk.redirect_to(own_pages.DASHBOARD)
    return tk.render("digifarm/tasks/read.html", {"task": task, "token": ""})


def thanks(id: str) -> str | Response:
    """The page to print, for whoever has done a task with their account."""
    forms.need_account()
    try:
        done = tk.get_action("digifarm_task_thanks_show")({}, {"id": id})
    except tk.NotAuthorized:
        return forms.forbidden(tk._("This page is for who has done the task"))
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("Task not found"))
    return tk.render("digifarm/tasks/thanks.html", {"done": done})


def thanks_by_link(token: str) -> Any:
    """The same for whoever has the link."""
    try:
        done = tk.get_action("digifarm_task_thanks_show")({}, {"token": token})
    except (tk.ObjectNotFound, tk.ValidationError, tk.NotAuthorized) as e:
        return forms.invalid_link(e)
    return tk.render("digifarm/tasks/thanks.html", {"done": done})


@own_tasks.after_request
def store_nothing(response: Response) -> Response:
    """Keep names out of what browsers store."""
    response.cache_control.no_store = True
    return response


own_tasks.add_url_rule("/mine/<id>", view_func=read)
own_tasks.add_url_rule("/thanks/<id>", view_func=thanks)
own_tasks.add_url_rule("/thanks/link/<token>", view_func=thanks_by_link)
