"""The city's own text about civic projects, for `/civic_project/about`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from .. import config
from ..lib.language import current, fallbacks

log = logging.getLogger(__name__)


def own_text() -> str | None:
    """The text in the language closest to the reader's, as Markdown.

    :returns: None where there is none, or none that can be read
    """
    file = _file(current())
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        log.warning("ckanext.digifarm.about_file can't be read: %s", e)
        return None


def problems() -> Iterator[str]:
    """What of the option would not work, in a sentence."""
    file = _file(config.default_language())
    if file is None:
        return
    try:
        file.read_text(encoding="utf-8")
    except OSError as e:
        yield f"ckanext.digifarm.about_file: {e.strerror} ({file})"
    except UnicodeDecodeError:
        yield f"ckanext.digifarm.about_file: this is no UTF-8 ({file})"


def _file(language: str) -> Path | None:
    """The file for a language; the portal's own where no other is there."""
    path = config.about_file()
    if not path:
        return None
    files = [Path(path.replace("{lang}", one)) for one in fallbacks(language)]
    return next((file for file in files if file.exists()), files[-1])
