"""Import of projects from files.

`files` knows the formats, each of which yields records (`record`). `run`
plans what each record changes (`projects`, `links`,
`supporters`) and writes it.
"""

from .files import read
from .record import Record, UnreadableFile
from .run import Importer, Outcome, Result

__all__ = [
    "Importer",
    "Outcome",
    "Record",
    "Result",
    "UnreadableFile",
    "read",
]
