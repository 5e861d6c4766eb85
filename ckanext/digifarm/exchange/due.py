"""Uploads with which no worker has gone on."""

from __future__ import annotations

from ..lib.due_work import Queue
from . import working

KINDS = (Queue("imports", working.count, working.run, is_slow=True),)
