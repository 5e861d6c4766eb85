"""What is told of projects that were deleted, or are back."""

from __future__ import annotations

from ..lib.due_work import Kind
from . import deletion

KINDS = (
    Kind(deletion.DELETED, deletion.deleted, deletion.tell_deleted),
    Kind(deletion.RESTORED, deletion.restored, deletion.tell_restored),
)
