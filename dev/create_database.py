"""Create a PostgreSQL database beside another unless it exists.

Usage: .venv/bin/python dev/create_database.py URL NAME
"""

import sys
from contextlib import closing, suppress

import psycopg2
from psycopg2 import errors, sql

if __name__ == "__main__":
    url, name = sys.argv[1:]
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        with suppress(errors.DuplicateDatabase):
            connection.cursor().execute(statement)
