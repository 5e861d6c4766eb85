"""Speaking another language than that of the request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import ckantoolkit as tk
from flask import has_request_context
from flask_babel import force_locale

from .. import config
from .ckan import middleware


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
    return context.app.test_request_context()


def current() -> str:
    """The language of the request; the portal's own where there is none."""
    if has_request_context() and (language := tk.h.lang()):
        return language
    return config.default_language()


def known(language: str) -> str:
    """A language of the portal: the one that is given, or the portal's own."""
    offered = {locale.short_name for locale in tk.h.get_available_locales()}
    return language if language in offered else config.default_language()
