"""Saves packages without a commit of Solr after each of them.

Solr takes, or refuses, each document all the same, but doesn't open its index
anew: that costs more than the rest of a small save.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ckan.lib.search.common import make_connection
from ckan.tests.helpers import changed_config

OPTION = "ckan.search.solr_commit"


@contextmanager
def one_commit() -> Iterator[None]:
    """Let searches find what the block saves at its end, all at once."""
    with changed_config(OPTION, False):
        yield
    make_connection().commit()
