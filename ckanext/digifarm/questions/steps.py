from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import clock, rate_limits, resending, tokens
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.consent import agreed
from ..lib.errors import refuse, validate
from ..lib.language import current
from ..lib.submissions import Sender, identify, once
from ..projects.lookups import open_project
from . import consent, mails, schema
from .model import Question, QuestionState
from .workflow import WORKFLOW


@validate(schema.question_ask)
def digifarm_question_ask(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Ask the people who look after a project something.

    Everybody may who may read the project. Without an account that has an
    e-mail address, a mail with a link comes to the given one; the project
    gets the question once somebody has followed it. It goes to the project's
    team by mail, who answer by mail; nobody learns an address of the team.
    Once it is sent, the portal keeps neither question nor address.

    :param project: id or name of the project
    :type project: string
    :param message: the question; not public
    :type message: string
    :param name: whom to answer; not public
    :type name: string
    :param email: the address to answer to; not public. With an account it is
        that of the account
    :type email: string
    :param consent: true, as somebody has agreed that this is sent to the team
    :type consent: bool
    :param submission: the form that it was sent with, up to you; what is sent
        twice with it counts once (optional)
    :type submission: string

    :returns: `id` and `state`: `sent`, or `unconfirmed` where there is a mail
        to answer; then for a form `token` is for
        :py:func:`digifarm_question_resend`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not, or not that often
    :raises ValidationError: with the names of the parameters
    """
    sender = identify(context, "email", data_dict)
    question = once(
        context,
        Question,
        sender,
        data_dict,
        lambda context, key: _ask(context, data_dict, sender, key),
    )
    return _asked(question, data_dict)


def _asked(question: Question, data_dict: DataDict) -> dict[str, Any]:
    """What whoever asks learns of it."""
    return {
        "id": question.id,
        "state": question.state,
        **resending.offered(question, data_dict),
    }


def _ask(
    context: Context, data_dict: DataDict, sender: Sender, key: str | None
) -> Question:
    action = "digifarm_question_ask"
    project = open_project(data_dict)
    tk.check_access(action, context, {"project": project.id})
    _check_team(project)
    rate_limits.reach(project.id, is_counted=sender.is_known)
    question = Question(
        project_id=project.id,
        name=data_dict["name"],
        email=sender.email,
        message=data_dict["message"],
        language=current(),
        user_id=sender.user_id,
        consented=clock.now(),
        consent=agreed(consent.asking),
        submission=key,
        token_key=tokens.new_key(),
    )
    is_known = sender.is_known
    state = QuestionState.SENT if is_known else QuestionState.UNCONFIRMED
    return WORKFLOW.begin(action, context, question, state)


@tk.validate_action_data(lib_schema.resend)
def digifarm_question_resend(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Write the mail once more that asks to confirm a question.

    You must have sent it, without an account that has an e-mail address,
    not more than a day ago; it must not be confirmed yet. The answer is the
    same whether mails went to the address before or not.

    :param token: as :py:func:`digifarm_question_ask` gives it
    :type token: string
    :param email: another address, where the first one was wrong: the link of
        the mail that went there is of no use any more (optional)
    :type email: string

    :returns: `id` and `state`, and `token` to do so again
    :rtype: dictionary

    :raises NotAuthorized: where you ask too often
    :raises ValidationError: where it is confirmed already, the token is of no
        use, or the address is none
    """
    question = resending.resend(
        WORKFLOW,
        "digifarm_question_resend",
        context,
        data_dict,
        column="email",
        check=lambda row: open_project({"project": row.project_id}),
    )
    return _asked(question, data_dict)


@tk.validate_action_data(schema.question_confirm)
def digifarm_question_confirm(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Send a question by the link that was sent to the address.

    You must have that link. Where it is sent already, nothing happens.

    :param token: what the link ends with
    :type token: string
    :param message: the question, as is `name` where it has to be something
        else by now (optional)
    :type message: string

    :returns: `id` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where the project is gone
    :raises ValidationError: where the link is of no use (any more), or the
        project has been deleted
    """
    with WORKFLOW.step(
        "digifarm_question_confirm", context, data_dict
    ) as step:
        if step.is_change:
            project = open_project({"project": step.row.project_id})
            _check_team(project)
            rate_limits.reach(project.id)
            for name in schema.CHANGEABLE:
                if name in data_dict:
                    setattr(step.row, name, data_dict[name])
    return {"id": step.row.id, "state": step.row.state}


def _check_team(project: model.Package) -> None:
    """Nobody should wait for an answer of nobody.

    :raises ValidationError: where no mail could be written
    """
    if not mails.team(project):
        refuse("project", tk._("Nobody there can be reached by mail"))
