"""What the portal knows of people without an account, and how it forgets."""

from .erasure import Outcome, erase
from .export import export
from .places import Place
from .purging import KINDS, PARTS, Unfinished, purge

__all__ = [
    "KINDS",
    "PARTS",
    "Outcome",
    "Place",
    "Unfinished",
    "erase",
    "export",
    "purge",
]
