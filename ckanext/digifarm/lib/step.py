from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from . import clock
from .actors import Actor
from .ckan import Context, model
from .context import user_id
from .transitions import Transition

T = TypeVar("T")


@dataclass
class Step(Generic[T]):
    """A step that is being taken.

    :param transition: from where to where
    :param row: what goes on
    :param context: of whoever takes it
    :param actor: as whom they take it
    :param reason: why, in their words
    :param reason_code: why, as one of the choices that the schema file has
    :param values: what its mails say besides
    :param is_idle: whether nothing is different after it, so that there is
        nothing to write down
    """

    transition: Transition
    row: T
    context: Context
    actor: Actor
    reason: str = ""
    reason_code: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    is_idle: bool = False
    is_written: bool = False

    @property
    def user_id(self) -> str | None:
        """Id of the user who takes it, if it is one."""
        return user_id(self.context)

    @property
    def is_change(self) -> bool:
        """Whether the state is another one afterwards."""
        return self.transition.target is not self.transition.source

    def write(self) -> None:
        """Write the state, once.

        The engine does so after the block of a step; a block does it itself
        where what comes next needs the new state.

        :raises IntegrityError: where there may be no such row
        """
        if self.is_written:
            return
        self.is_written = True
        row: Any = self.row
        if self.is_change:
            row.state = self.transition.target.value
            row.modified = clock.now()
        # What can't be shows here, before anything follows.
        model.Session.flush()
