"""Files with fields and words, named as in `scheming.dataset_schemas`.

scheming says of one that it can't read neither which it is nor why.
"""

from __future__ import annotations

import inspect
import json
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import yaml

#: The endings of files that are YAML; all others are JSON, as for scheming.
YAML = (".yaml", ".yml")


class SchemaFileError(ValueError):
    """What is wrong with a file, in a sentence that names it."""

    def __init__(self, reference: str, what: str) -> None:
        super().__init__(f"{reference}: {what}")


def is_remote(reference: str) -> bool:
    """Whether a file lies on another server."""
    return reference.startswith(("http://", "https://"))


def read(reference: str) -> dict[str, Any]:
    """What a file says.

    :param reference: `module:file`, or `file:///path` outside of packages
    :raises SchemaFileError: it can't be read
    """
    path = _path(reference)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as e:
        raise SchemaFileError(reference, f"{e.strerror} ({path})") from e
    except ValueError as e:
        raise SchemaFileError(reference, str(e)) from e


def _path(reference: str) -> Path:
    module, _, file = reference.partition(":")
    if reference.startswith("file:"):
        url = urlsplit(reference)
        if url.netloc or not url.path.startswith("/"):
            raise SchemaFileError(
                reference, "write the whole path behind file://"
            )
        return Path(url2pathname(url.path))
    if not file:
        hint = (
            f"write file://{reference}"
            if reference.startswith("/")
            else "write module:file, or file:// and the whole path"
        )
        raise SchemaFileError(reference, f"this is no address, {hint}")
    try:
        return Path(inspect.getfile(import_module(module))).parent / file
    except (ImportError, TypeError, ValueError) as e:
        raise SchemaFileError(
            reference, f"there is no Python module {module}"
        ) from e


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> dict[str, Any]:
    """What a file says, as long as it is not changed.

    :raises ValueError: it is no text, or not in its language
    """
    text = path.read_text(encoding="utf-8")
    is_yaml = path.name.lower().endswith(YAML)
    try:
        said = yaml.safe_load(text) if is_yaml else json.loads(text)
    except yaml.YAMLError as e:
        raise ValueError(f"this is no YAML{_place(e)}") from e
    except json.JSONDecodeError as e:
        raise ValueError(f"this is no JSON, line {e.lineno}: {e.msg}") from e
    if not isinstance(said, dict):
        raise ValueError("there are no keys in it")  # noqa: TRY004
    return said


def _place(error: yaml.YAMLError) -> str:
    """Where a file is wrong, and how, as far as is known."""
    if not isinstance(error, yaml.MarkedYAMLError) or not error.problem_mark:
        return ""
    return f", line {error.problem_mark.line + 1}: {error.problem}"
