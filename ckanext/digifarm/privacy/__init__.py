"""What the portal knows of people without an account, and how it forgets."""

from .erasure import Interrupted, Outcome, erase
from .export import export
from .places import Place
from .purging import KINDS, PARTS, Unfinished, purge

__all__ = [
    "KINDS",
    "PARTS",
    "Interrupted",
    "Outcome",
    "Place",
    "Unfinished",
    "erase",
    "export",
    "purge",
]
