"""The language of the request, another one, and which stands in for which."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import ckantoolkit as tk
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from flask import has_request_context
from flask_babel import force_locale

from .. import config
from .ckan import middleware

#: In this one all words are written first.
ENGLISH = "en"

#: Where the words are in others.
CATALOGUES = Path(__file__).parents[1] / "i18n"

#: How the name of a language looks, with that of a dialect: `de`, `de_AT`,
#: `sr@latin`.
NAME = re.compile(r"[a-z]{2,3}([_@-]\w+)*")

#: In the environment of a request: it is our own, and nobody waits for it.
_OWN = "digifarm.own_request"


class Words(dict[str, str]):
    """The same words in some languages; for any other, the closest one.

    For all who read them, scheming too, which would take the first of the
    alphabet.
    """

    def __missing__(self, language: str | None) -> str:
        # Scheming knows none outside of requests, where there is no default.
        return self[closest(language or ENGLISH, self)]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate everything into a language, links to pages included.

    :param language: one of `ckan.locales_offered`
    """
    with _request():
        # Core's helpers ask the environment, Babel its own context.
        environ = tk.request.environ
        is_default = language == config.default_language()
        changes = {
            "CKAN_LANG": language,
            "CKAN_LANG_IS_DEFAULT": is_default,
        }
        before = {name: environ.get(name) for name in changes}
        environ.update(changes)
        try:
            with force_locale(language):
                yield
        finally:
            environ.update(before)


def _request() -> AbstractContextManager[Any]:
    """On the command line a request of our own, as core's `url_for` has."""
    if has_request_context():
        return nullcontext()
    context = middleware._internal_test_request_context  # noqa: SLF001
    assert context, "there is no web application"  # noqa: S101
    return context.app.test_request_context(environ_overrides={_OWN: True})


def is_asked() -> bool:
    """Whether somebody out there has sent a request, and waits for it.

    Commands and workers have one of their own while they speak a language.
    """
    return has_request_context() and _OWN not in tk.request.environ


def current() -> str:
    """The language of the request; the portal's own where there is none."""
    if has_request_context() and (language := tk.h.lang()):
        return language
    return config.default_language()


def locale_of(language: str) -> Locale:
    """How dates are written in a language, or in a dialect of it."""
    try:
        return Locale.parse(tag(language), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(tag(language).partition("-")[0])


def tag(language: str) -> str:
    """The name of a language as HTML has it: `de-AT`, `sr-Latn`."""
    return language.replace("@latin", "-Latn").replace("_", "-")


def with_country(language: str) -> str:
    """The name of a language with a country: that of most who speak it.

    Some names for programs have one always: `de_DE`, `pt_BR`.
    """
    locale = locale_of(language)
    likely = get_global("likely_subtags")
    parts = filter(None, [locale.language, locale.script])
    most = likely.get("_".join(parts)) or likely.get(locale.language) or ""
    country = locale.territory or most.rpartition("_")[2]
    return f"{locale.language}_{country}" if country else locale.language


def known(language: str) -> str:
    """A language of the portal: the one that is given, or the portal's own.

    A dialect that the portal doesn't offer is its language.
    """
    offered = {locale.short_name for locale in tk.h.get_available_locales()}
    for one in (language, _without_dialect(language)):
        if one in offered:
            return one
    return config.default_language()


def of_pages() -> list[str]:
    """The languages of the portal that our pages are another text in.

    CKAN offers some sixty where nothing is chosen; in most of them our words
    are those of another. The portal's own is always one.
    """
    own = config.default_language()
    offered = {locale.short_name for locale in tk.h.get_available_locales()}
    written = _written()
    others = (name for name in offered if _without_dialect(name) in written)
    return sorted({own, *others, *(offered & written)})


def of_words() -> str:
    """The language of our words: that of the request, or what stands in."""
    here, written = current(), _written()
    return (
        here if _without_dialect(here) in written else closest(here, written)
    )


@cache
def _written() -> frozenset[str]:
    found = (path.name for path in CATALOGUES.iterdir() if path.is_dir())
    return frozenset({ENGLISH, *found})


def fallbacks(language: str) -> Iterator[str]:
    """A language and those that stand in for it, the best first.

    For a dialect its language, for all others English, and where there are no
    such words, the portal's own language.
    """
    for one in (language, ENGLISH, config.default_language()):
        yield one
        yield _without_dialect(one)


def closest(language: str, given: Collection[str]) -> str:
    """The one of some languages that stands in best for another one.

    :param language: which is wanted
    :param given: in which there are words; at least one
    """
    for wanted in fallbacks(language):
        if wanted in given:
            return wanted
        for one in given:
            if _without_dialect(one) == wanted:
                return one
    return next(iter(given))


def in_all_languages(node: Any) -> Any:
    """A copy of what a file says, whose words answer in every language.

    :param node: what YAML or JSON have made of it, or a part of that
    """
    if isinstance(node, dict):
        copy = {key: in_all_languages(value) for key, value in node.items()}
        return Words(copy) if _are_words(copy) else copy
    if isinstance(node, list):
        return [in_all_languages(item) for item in node]
    return node


def _are_words(node: dict[Any, Any]) -> bool:
    return bool(node) and all(
        isinstance(key, str) and isinstance(value, str) and NAME.fullmatch(key)
        for key, value in node.items()
    )


def _without_dialect(language: str) -> str:
    return re.split("[_@-]", language)[0]
