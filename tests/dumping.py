"""All that a portal holds: tables, index and Redis, as text."""

from __future__ import annotations

import html
import json
import urllib.parse

import sqlalchemy as sa

from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.lib.search.common import make_connection


def dump() -> dict[str, str]:
    """What each place says: a table, `solr` or `redis`."""
    model.Session.rollback()
    tables = sa.inspect(model.meta.engine).get_table_names()
    found = {
        table: "\n".join(
            model.Session.scalars(sa.text(f'SELECT t::text FROM "{table}" t'))
        )
        for table in tables
    }
    model.Session.rollback()
    docs = make_connection().search("*:*", fl="*", rows=100_000).docs
    found["solr"] = json.dumps(docs, ensure_ascii=False, default=str)
    found["redis"] = "\n".join(map(_of_redis, connect_to_redis().keys()))
    return found


def places_of(words: str) -> set[str]:
    """Where some words stand, however they are written.

    :param words: in any case; plain, or as JSON, HTML and URLs have them
    """
    written = {
        words,
        json.dumps(words)[1:-1],
        # As a row of PostgreSQL has what is JSON already.
        json.dumps(json.dumps(words)[1:-1])[1:-1],
        html.escape(words),
        urllib.parse.quote(words),
        urllib.parse.quote(words, safe="@"),
        urllib.parse.quote_plus(words),
    }
    return {
        place
        for place, text in dump().items()
        for form in written
        if form.casefold() in text.casefold()
    }


def _of_redis(key: bytes) -> str:
    redis = connect_to_redis()
    kind = redis.type(key)
    read = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": redis.smembers,
        b"stream": redis.xrange,
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
    }
    return f"{key!r} {read[kind](key)!r}"
