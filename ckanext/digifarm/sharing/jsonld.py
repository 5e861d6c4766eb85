"""What search engines read of projects, in the words of schema.org.

A project is software that people use, and its code beside it; datasets that
it uses are what it is based on. Only what everybody may read is in it, and
nothing that the page hasn't loaded anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import markdown
from ..lib.ckan import Page
from ..lib.text import shortened
from ..projects import fields
from .previews import MOST_CHARACTERS, Preview, is_public

CONTEXT = "https://schema.org"

#: What a kind of project is; all others are software of no special kind.
TYPES = {
    "dashboard": "WebApplication",
    "mobile_app": "MobileApplication",
    "web_app": "WebApplication",
    "website": "WebApplication",
}

#: Words for what a project is and what its code is, within its address.
SOFTWARE, CODE = "#software", "#code"

#: The name of a thing whose address gives those of all others.
_ANY = "any"

Node = dict[str, Any]


def of_project(
    project: dict[str, Any], linked: dict[str, Any], preview: Preview | None
) -> Node | None:
    """A project with its code and the datasets that it uses.

    :param linked: its datasets, as `digifarm_linked` gives them
    :param preview: of its page; there is nothing where that shows nothing
    """
    if preview is None:
        return None
    page = _pages(PROJECT_TYPE)(project["name"])
    nodes = [_software(project, linked["results"], preview, page)]
    if project.get("source_url"):
        nodes.append(_code(project, page))
    return {"@context": CONTEXT, "@graph": nodes}


def of_list(page: Page, preview: Preview | None) -> Node | None:
    """The page of a list, and what is on it.

    :param page: with its part of the projects, and their number
    :param preview: of the page
    """
    if preview is None:
        return None
    page_of = _pages(PROJECT_TYPE)
    counted = enumerate(page.items, page.first_item or 1)
    items = [
        _node(
            "ListItem",
            position=position,
            name=_title(project),
            url=page_of(project["name"]),
        )
        for position, project in counted
        if is_public(project)
    ]
    return {
        "@context": CONTEXT,
        **_node(
            "CollectionPage",
            name=preview.title,
            description=preview.description,
            url=preview.address,
            # The number is that of the whole list, as schema.org has it;
            # who sees what is private sees another one.
            mainEntity=_node(
                "ItemList",
                numberOfItems=page.item_count
                if all(map(is_public, page.items))
                else None,
                itemListElement=items,
            ),
        ),
    }


def _software(
    project: dict[str, Any],
    datasets: list[dict[str, Any]],
    preview: Preview,
    page: str,
) -> Node:
    page_of = _pages("dataset")
    is_usable = project.get("url") and tk.h.digifarm_is_usable(project)
    return _node(
        TYPES.get(project.get("project_type") or "", "SoftwareApplication"),
        page + SOFTWARE,
        name=preview.title,
        description=preview.description,
        url=project.get("url") or page,
        mainEntityOfPage=page,
        image=preview.picture.address,
        creativeWorkStatus=_stage(project),
        license=_license(project),
        keywords=[tag["name"] for tag in project.get("tags", [])],
        featureList=project.get("features"),
        softwareHelp=_link("CreativeWork", project.get("documentation_url")),
        publisher=_organization(project),
        isBasedOn=[
            _dataset(dataset, page_of(dataset["name"]))
            for dataset in datasets
            if dataset.get("relation") == "uses" and is_public(dataset)
        ],
        # Who uses it pays nothing: that is what makes it one of ours.
        isAccessibleForFree=True,
        offers=_node("Offer", price="0", priceCurrency="EUR")
        if is_usable
        else None,
    )


def _code(project: dict[str, Any], page: str) -> Node:
    return _node(
        "SoftwareSourceCode",
        page + CODE,
        name=_title(project),
        codeRepository=project["source_url"],
        license=_license(project),
        discussionUrl=project.get("collaboration_url"),
        keywords=project.get("technologies"),
        targetProduct={"@id": page + SOFTWARE},
    )


def _dataset(dataset: dict[str, Any], address: str) -> Node:
    words = " ".join(markdown.extract(dataset.get("notes"), 0).split())
    return _node(
        "Dataset",
        address,
        name=_title(dataset),
        description=shortened(words, MOST_CHARACTERS),
        url=address,
    )


def _organization(project: dict[str, Any]) -> Node | None:
    organization = project.get("organization")
    if not organization:
        return None
    return _node(
        "Organization",
        name=_title(organization),
        url=_pages("organization")(organization["name"]),
    )


def _stage(project: dict[str, Any]) -> str:
    stage = project.get("stage")
    return fields.choice_label("stage", stage) if stage else ""


def _license(project: dict[str, Any]) -> str:
    """The address of the licence: its name alone has no place."""
    return tk.h.digifarm_license(project)["url"]


def _link(kind: str, address: str | None) -> Node | None:
    return _node(kind, url=address) if address else None


def _node(kind: str, id_: str = "", **properties: Any) -> Node:
    """What is described, with those properties that say something.

    :param kind: its type
    :param id_: by what others name it
    """
    said = {name: value for name, value in properties.items() if value}
    return {"@type": kind, **({"@id": id_} if id_ else {}), **said}


def _pages(kind: str) -> Callable[[str], str]:
    """What gives the addresses of things of a kind by their names.

    They are the same whatever language they are read in. Only one is looked
    up: that takes long, and a list has many.
    """
    one = tk.h.url_for(
        f"{kind}.read", id=_ANY, locale="default", qualified=True
    )
    return lambda name: one.removesuffix(_ANY) + quote(name)


def _title(entry: dict[str, Any]) -> str:
    return entry.get("title") or entry["name"]
