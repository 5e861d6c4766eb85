"""No step is left out of what is tested of all steps."""

from __future__ import annotations

from ..all_steps import ALL_STEPS
from ..workflows import all_workflows

PREFIX = "digifarm_"

#: They follow the steps of tasks.
FOLLOWING = {"AssignmentWorkflow"}


def test_each_action_that_takes_a_step_is_tried():
    """The portal's own steps have no action that somebody could call."""
    actions = {
        transition.action
        for workflow in all_workflows()
        if workflow.__name__ not in FOLLOWING
        for transition in workflow.transitions
        # Where the state stays, a mail is sent again, or words change; see
        # test_resending.py and proposals/test_changing.py.
        if transition.source not in {None, transition.target}
        and transition.action.startswith(PREFIX)
    }
    # By a link and an account at once; see owners/test_team.py.
    assert actions - {"digifarm_project_claim"} == {
        f"{PREFIX}{case.name}"
        for case in ALL_STEPS
        if case.source != case.target
    }
