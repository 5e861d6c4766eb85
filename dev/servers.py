"""The servers that CKAN needs: private ones, or those of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from dev import postgres, probes, redis, solr
from dev.progress import SetupError

DEFAULT_PORTS = {"postgresql": 5432, "redis": 6379, "http": 80, "https": 443}


@dataclass(frozen=True)
class Servers:
    """Where CKAN finds its servers.

    :param database: the url of a PostgreSQL database
    :param solr: the url of a Solr core
    :param redis: the url of a Redis database
    """

    database: str
    solr: str
    redis: str

    def environment(self) -> dict[str, str]:
        """Give the variables that make CKAN use these servers."""
        return {
            "CKAN_SQLALCHEMY_URL": self.database,
            "CKAN_SOLR_URL": self.solr,
            "CKAN_REDIS_URL": self.redis,
        }


def given() -> Servers | None:
    """Give the servers that the environment names, if it does.

    :raises SetupError: it names only some, or one of them doesn't answer
    """
    names = Servers("", "", "").environment()
    found = {name: os.environ.get(name, "") for name in names}
    if not any(found.values()):
        return None
    for name, url in found.items():
        if not url:
            raise SetupError(
                f"{name} is not set: the environment names either all of"
                f" {', '.join(names)}, or none."
            )
        _check(name, url)
    return Servers(*found.values())


def start_private(database: str, core: str, number: int) -> Servers:
    """Start the private servers of this checkout.

    :param database: the name of the PostgreSQL database to use
    :param core: the name of the Solr core to use
    :param number: the number of the Redis database to use
    :raises SetupError: one of them doesn't come up
    """
    postgres.start()
    redis.start()
    solr.start()
    return Servers(postgres.url(database), solr.url(core), redis.url(number))


def _check(name: str, url: str) -> None:
    parts = urlsplit(url)
    port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    if parts.hostname and port and not probes.port(parts.hostname, port):
        raise SetupError(
            f"{name} names {parts.hostname}:{port}, where nobody answers:"
            " start that server, or unset the variable for a private one."
        )
