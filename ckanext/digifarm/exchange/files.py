from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import digifarm_ms, table
from .record import Record, UnreadableFile

#: What reads a format, by the extension of the file. Another format is one
#: more function: from the text of the file to its records.
READERS: dict[str, Callable[[str], list[Record]]] = {
    ".csv": table.read,
    ".json": digifarm_ms.read,
}


def read(path: Path) -> list[Record]:
    """The projects that a file describes, in its order.

    :param path: a file of a known format
    :raises UnreadableFile: where it is none
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(
            "Its name must end in one of: " + ", ".join(READERS)
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as e:
        raise UnreadableFile(f"It can't be opened: {e.strerror}") from e
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
        raise UnreadableFile(
            f"Line {line} is no UTF-8; please save the file in that encoding."
        ) from e
    return reader(text)
