from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from ..lib.ckan import Page
from . import jsonld, previews

_OF: dict[str, Callable[..., previews.Preview | None]] = {
    "data_use": previews.of_data_use,
    "form": previews.of_form,
    "partner": previews.of_partner,
    "project": previews.of_project,
    "task": previews.of_task,
}


def digifarm_preview(kind: str = "", *about: Any) -> previews.Preview | None:
    """What a link to this page shows elsewhere.

    :param kind: `project`, `form`, `partner`, `task` or `data_use`; none where
        a page is about no thing
    :param about: what it is about, as the actions give it; of a `form`, the
        project and the title of the form
    :returns: None where the page isn't for everybody, or isn't one to pass on
    """
    return _OF[kind](*about) if kind else previews.of_page()


def digifarm_without_preview(head: str) -> Markup:
    """The head of a project's page without what core says of a dataset.

    :param head: as core's template gives it
    """
    return previews.without_cores(head)


def digifarm_project_data(
    project: dict[str, Any],
    linked: dict[str, Any],
    preview: previews.Preview | None,
) -> dict[str, Any] | None:
    """What search engines read of a project; nothing more is loaded for it.

    :param linked: its datasets, as h.digifarm_linked() gives them
    :param preview: of its page, as h.digifarm_preview() gives it
    """
    return jsonld.of_project(project, linked, preview)


def digifarm_list_data(
    page: Page, preview: previews.Preview | None
) -> dict[str, Any] | None:
    """What search engines read of the list of projects.

    :param page: of the list, with its part of the projects
    :param preview: of this page, as h.digifarm_preview() gives it
    """
    return jsonld.of_list(page, preview)
