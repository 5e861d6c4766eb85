"""How an upload becomes projects: it is looked at, and then written.

No events are written down of it: what its rows do has those of the projects.
"""

from __future__ import annotations

from collections.abc import Collection

import ckantoolkit as tk
from typing_extensions import override

from ..lib.actors import Actor
from ..lib.ckan import Context, DataDict
from ..lib.context import user_id
from ..lib.permissions import is_reviewer
from ..lib.step import Step
from ..lib.transitions import Transition
from ..lib.workflow import Workflow
from .model import Import, ImportRow, ImportState

_S = ImportState
_A = Actor

#: The portal's own steps: all rows were looked at, or written.
CHECK, FINISH = "checked", "finished"

TRANSITIONS = (
    Transition("digifarm_import_create", None, _S.UPLOADED, (_A.REVIEWER,)),
    Transition(CHECK, _S.UPLOADED, _S.CHECKED, (_A.PORTAL,)),
    Transition(
        "digifarm_import_confirm", _S.CHECKED, _S.RUNNING, (_A.REVIEWER,)
    ),
    Transition(FINISH, _S.RUNNING, _S.DONE, (_A.PORTAL,)),
    *(
        Transition(
            "digifarm_import_cancel", state, _S.CANCELLED, (_A.REVIEWER,)
        )
        for state in (_S.UPLOADED, _S.CHECKED, _S.RUNNING)
    ),
)


class ImportWorkflow(Workflow[Import]):
    """How an upload goes on; who has uploaded it takes its steps."""

    model = Import
    states = ImportState
    transitions = TRANSITIONS
    repeatable = ("digifarm_import_confirm", "digifarm_import_cancel")

    @override
    def missing(self) -> str:
        return tk._("There is no such upload any more")

    @override
    def not_possible(self, state: ImportState) -> str:
        return {
            _S.UPLOADED: tk._("The file is still being looked at"),
            _S.CHECKED: tk._("The file waits for your yes"),
            _S.RUNNING: tk._("The file is being imported already"),
            _S.DONE: tk._("The file has been imported already"),
            _S.CANCELLED: tk._("This import was cancelled"),
        }[state]

    @override
    def refused(self, context: Context, actors: Collection[Actor]) -> str:
        return tk._("Only reviewers may see this, each their own uploads")

    @override
    def is_actor(
        self, actor: Actor, context: Context, row: Import, data_dict: DataDict
    ) -> bool:
        return actor is Actor.REVIEWER and is_own(context, row)

    @override
    def follow(self, step: Step[Import]) -> None:
        if not step.is_change or step.row.state not in _OVER:
            return
        step.row.empty()
        if step.row.state == _S.CANCELLED.value:
            # What is written stays, and whoever cancels it has to know.
            ImportRow.forget_unwritten(step.row.id)


#: Nothing more becomes of it.
_OVER = (_S.DONE.value, _S.CANCELLED.value)


def is_own(context: Context, row: Import) -> bool:
    """Whether a reviewer has uploaded this."""
    return user_id(context) == row.user_id and is_reviewer(context.get("user"))


WORKFLOW = ImportWorkflow()
