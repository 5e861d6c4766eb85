"""What stands on the portal that the browser tests visit."""

from __future__ import annotations

import datetime
from io import BytesIO
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from PIL import Image

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import clock
from ckanext.digifarm.statistics import aggregating, finding
from ckanext.digifarm.tasks.model import Task
from ckanext.digifarm.upkeep.addresses import host_of
from ckanext.digifarm.upkeep.model import Check, Issue, Repository

from ..acting import as_portal
from ..statistics import story
from .visiting import PASSWORD

#: The organisation of everything here, and its title.
ORGANIZATION = "gruenflaechen"
ORGANIZATION_TITLE = "Amt für Grünflächen"

#: A value for every field that people fill in; the picture comes apart.
ALL_FIELDS: dict[str, Any] = {
    "summary": "Zeigt, welche Bäume gerade Wasser brauchen",
    "public_value": "Bäume überstehen trockene Sommer.",
    "notes": "Eine Karte *aller* Bäume.\n\n- gießen\n- [teilen](/)",
    "url": "https://baum.example.org",
    "stage": "wanted_here",
    "stage_note": "Es fehlt ein Server.",
    "action_fields": ["environment", "participation"],
    "project_type": "web_app",
    "help_wanted": ["content", "technology", "sponsoring", "care"],
    "content_help": "Texte zu **Baumarten**",
    "technology_help": "Ein Entwurf für kleine Bildschirme",
    "sponsoring_help": "100 Euro im Jahr für den Server",
    "source_url": "https://code.example.org/baum",
    "source_license": "GPL-3.0-or-later",
    "open_source_intended": True,
    "image_alt": "Eine Karte mit grünen Punkten",
    "documentation_url": "https://doc.example.org/baum",
    "collaboration_url": "https://forum.example.org/baum",
    "other_data": "Wetter vom [Wetterdienst](https://wetter.example.org)",
    "further_information": "Mehr steht in der *Zeitung*.",
    "tags": [{"name": "bäume"}, {"name": "wasser"}],
    "sdgs": ["11", "13"],
    "origin_place": "Nachbarstadt",
    "origin_community": "Offene Werkstatt",
    "origin_url": "https://werkstatt.example.org",
    "initiators": "Eine Gruppe der Volkshochschule",
    "started": "2021-10",
    "operator": "Das Rechenzentrum",
    "technologies": ["Python", "PostgreSQL"],
    "complexity": "medium",
    "language": "de",
    "deployment": "Ein Befehl:\n\n    docker compose up",
    "contact_name": "Die Baumgruppe",
    "contact_email": "baum@example.org",
    "info_url": "https://baum.example.org/ueber",
    "features": ["Zeigt alle Bäume", "Merkt sich, wer gegossen hat"],
    "meeting": "Jeden ersten Montag im Stadtgarten",
    "listed": "2021-11-02",
    "accompanied": True,
    "instances": "per_city",
    "running_costs": "100 Euro im Jahr",
    "costs_covered_until": "2027",
    "personal_data": "yes",
    "privacy_url": "https://baum.example.org/datenschutz",
}


def create_person(name: str, **fields: Any) -> None:
    """Create a user, who is the same in all modules: a login holds on.

    :param fields: values by name of the field
    """
    id_ = str(uuid5(NAMESPACE_URL, name))
    factories.User(
        id=id_, name=name, fullname=name, password=PASSWORD, **fields
    )


def create_project(title: str, **fields: Any) -> dict[str, Any]:
    """Create a civic project of the organisation.

    :param fields: values by name of the field
    :returns: the package dict
    """
    return as_portal(
        "package_create",
        type="civic_project",
        title=title,
        owner_org=ORGANIZATION,
        **fields,
    )


def create_dataset(title: str, **fields: Any) -> dict[str, Any]:
    """Create a dataset of the organisation, with a resource.

    :param fields: values by name of the field
    :returns: the package dict
    """
    resource = {"url": "https://daten.example.org/a.csv", "name": "Tabelle"}
    return factories.Dataset(
        title=title, owner_org=ORGANIZATION, resources=[resource], **fields
    )


def link(
    project: dict[str, Any], dataset: dict[str, Any], **fields: str
) -> None:
    """Link a project with a dataset.

    :param fields: relation and note
    """
    as_portal(
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
        **fields,
    )


def picture() -> dict[str, Any]:
    """A small PNG, as Playwright uploads files."""
    buffer = BytesIO()
    Image.new("RGB", (160, 90), "seagreen").save(buffer, "PNG")
    return {
        "name": "karte.png",
        "mimeType": "image/png",
        "buffer": buffer.getvalue(),
    }


def count() -> None:
    """Let what has happened be counted, as if it had been spread over time."""
    story.write()
    finding.find()
    aggregating.rebuild()
    model.Session.commit()


def know_addresses(many: int = 0) -> None:
    """Let something be known of the addresses of `ALL_FIELDS`.

    :param many: so many tasks of the same project have dead ones besides
    """
    now = clock.now()
    week = datetime.timedelta(weeks=1)
    source, other = ALL_FIELDS["source_url"], ALL_FIELDS["origin_url"]
    known = {
        ALL_FIELDS["url"]: {"health": "dead", "problem": "gone"},
        source: {"health": "dead", "problem": "server"},
        ALL_FIELDS["documentation_url"]: {"health": "look"},
        ALL_FIELDS["collaboration_url"]: {"health": "moved"},
        other: {"health": "dead", "problem": "no_name"},
        ALL_FIELDS["info_url"]: {"health": "answers"},
    }
    project = model.Package.by_name("viel" if many else "baumblick")
    for number in range(many):
        url = f"https://tot.example.org/{number}/{'lang' * 30}"
        known[url] = {"health": "dead", "problem": "refused"}
        model.Session.add(
            Task(
                project_id=project.id,
                title=f"Aufgabe {number}",
                url=url,
                position=100 + number,
            )
        )
    for url, values in known.items():
        check = Check(
            url=url,
            host=host_of(url),
            since=now - 5 * week,
            checked=now,
            due=now + week,
            moved_to="https://neu.example.org/" + "lang/" * 30,
            **values,
        )
        model.Session.add(check)
    model.Session.add(
        Repository(
            url=source,
            host=host_of(source),
            changed=now - 30 * week,
            archived=True,
            publiccode=True,
            due=now + week,
        )
    )
    for number in range(1, 3 + many):
        model.Session.add(
            Issue(
                url=f"{source}/issues/{number}",
                repository=source,
                number=number,
                title=f"Karte {number} zeichnen",
            )
        )
    model.Session.commit()
