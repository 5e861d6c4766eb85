"""Create a PostgreSQL database beside another unless it exists.

Usage: .venv/bin/python dev/create_database.py URL NAME
"""

import sys
from contextlib import closing, suppress

import psycopg2
from psycopg2 import errors, sql


def create(url: str, name: str) -> None:
    """Create a database for tests unless it exists.

    :param url: of the one beside it
    :param name: its own name
    :raises psycopg2.Error: the user may not, for instance
    """
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        own = sql.Identifier(name)
        with suppress(errors.DuplicateDatabase):
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(own))
            # What tests write need not survive a power cut.
            off = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off")
            cursor.execute(off.format(own))


if __name__ == "__main__":
    create(*sys.argv[1:])
