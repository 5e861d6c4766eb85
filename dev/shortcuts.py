"""A pytest plugin: what CKAN does for each web application takes less time.

CKAN's tests make many applications, ours some. Nothing here changes what
comes of it.
"""

from __future__ import annotations

import copy
import functools
import inspect
from typing import TYPE_CHECKING

import msgspec
from jinja2 import BytecodeCache
from webassets.bundle import Bundle
from werkzeug.routing import Rule

from ckan.lib import jinja_extensions
from ckanext.scheming import loader

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

    from jinja2.bccache import Bucket


def pytest_configure() -> None:
    """Take the shorter ways, before CKAN reads its configuration."""
    # CKAN reads its options, and scheming its schemas, for each application.
    msgspec.yaml.decode = _copies(msgspec.yaml.decode)
    parsed = _copies(loader.loads)
    loader.load = lambda file: parsed(file.read(), file.name)
    # Who asks a plugin for its directories wants to know the file that calls,
    # not the lines of source code around each call of pytest.
    inspect.stack = functools.partial(inspect.stack, context=0)

    # Each page asks for each script whether its sources have changed.
    Bundle.urls = _once_for_each(Bundle.urls)
    # Of hundreds of routes, few are ever asked for an address.
    compiling = Rule._compile_builder  # noqa: SLF001 – there is no other way
    Rule._compile_builder = _when_needed(compiling)  # noqa: SLF001

    options = jinja_extensions.get_jinja_env_options
    templates = _Templates()
    jinja_extensions.get_jinja_env_options = lambda: {
        **options(),
        "bytecode_cache": templates,
    }


def _copies(parse: Callable[..., Any]) -> Callable[..., Any]:
    """A function that parses each text once, and returns copies of that."""
    parsed = functools.cache(parse)
    return lambda *text: copy.deepcopy(parsed(*text))


def _once_for_each(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that keeps what it has returned, for each object.

    :param method: it takes no arguments
    """
    name = f"_digifarm_{method.__name__}"

    @functools.wraps(method)
    def once(self: Any) -> Any:
        if name not in vars(self):
            setattr(self, name, method(self))
        return getattr(self, name)

    return once


def _when_needed(compiling: Callable[..., Any]) -> Callable[..., Any]:
    """A method that compiles a function, as one that does so at first use.

    :param compiling: it takes its object and more, and returns a method
    """

    def compile_later(*arguments: Any) -> Callable[..., Any]:
        compiled = functools.cache(lambda: compiling(*arguments))

        def method(self: Any, /, **values: Any) -> Any:
            return compiled()(self, **values)

        return method

    return compile_later


class _Templates(BytecodeCache):
    """Keeps compiled templates, which each application compiles anew.

    The key says from which file one comes, and the checksum what is in it.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key, bucket.checksum] = bucket.code
