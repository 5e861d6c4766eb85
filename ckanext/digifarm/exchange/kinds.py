"""What a file is, whatever it is called."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

import ckantoolkit as tk

from .record import UnreadableFile

#: So much of a file tells what it is, in bytes.
_HEAD = 4096

#: So much of an old file is searched.
_MOST = 20_000_000

#: What may go wrong with what is packed.
BROKEN = (LookupError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error)

_BOOK = "xl/workbook.xml"
_STRICT = b"purl.oclc.org/ooxml/"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_MARKUP = re.compile(
    rb"[\xef\xbb\xbf\s]*<(!doctype|html|table|\?xml|meta)", re.IGNORECASE
)

#: What Excel writes within its old container where a file has a password.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def is_workbook(path: Path) -> bool:
    """Whether a file is one of Excel that can be read.

    :raises UnreadableFile: where it is something else that people take for a
        table; the text says what to do
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            is_encrypted = head.startswith(
                _OLE
            ) and _ENCRYPTED in head + file.read(_MOST)
    except OSError as e:
        raise UnreadableFile(
            tk._("It can't be opened: {error}").format(error=e.strerror)
        ) from e
    if head.startswith(_ZIP):
        return _is_packed(path)
    if said := _said(head, is_encrypted=is_encrypted):
        raise UnreadableFile(said)
    return False


def _said(head: bytes, *, is_encrypted: bool) -> str:
    if is_encrypted:
        return tk._(
            "This file has a password. Please save it without one, and try"
            " again."
        )
    if head.startswith(_OLE):
        return _other(tk._("a file of an old Excel (XLS)"))
    if _MARKUP.match(head):
        return _other(tk._("a web page or XML"))
    if head.startswith(b"%PDF"):
        return _other(tk._("a PDF"))
    return ""


def _is_packed(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as file:
            names = {*file.namelist()}
            strict = _STRICT in _beginning(file, names & {_BOOK})
    except BROKEN:
        # Whoever reads it says so.
        return True
    if "xl/workbook.bin" in names:
        raise UnreadableFile(_other(tk._("a binary file of Excel (XLSB)")))
    if strict:
        raise UnreadableFile(_other(tk._("“Strict Open XML” of Excel")))
    if "content.xml" in names:
        raise UnreadableFile(_other(tk._("an OpenDocument file (ODS)")))
    if any(name.startswith("Index/") for name in names):
        raise UnreadableFile(_other(tk._("a file of Numbers")))
    return True


def _beginning(file: zipfile.ZipFile, parts: set[str]) -> bytes:
    """How a part begins, of those that there are; all of it may be huge."""
    for part in parts:
        with file.open(part) as stream:
            return stream.read(_HEAD)
    return b""


def _other(kind: str) -> str:
    return tk._(
        "This is {kind}. Please save the table as a workbook of Excel (.xlsx)"
        " or as “CSV UTF-8”, and choose that file."
    ).format(kind=kind)
