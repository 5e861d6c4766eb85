from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Context, DataDict
from . import asked, kinds, schema


@tk.side_effect_free
@tk.validate_action_data(schema.confirmation_show)
def digifarm_confirmation_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A question whether something is still as it says.

    You must have the link that was sent to you, or be somebody who may
    answer: of a project, its team.

    :param token: what the link ends with (or give `id`, or `project`)
    :type token: string
    :param id: id of the question
    :type id: string
    :param project: id or name of the project that it is about; it need not be
        asked now
    :type project: string

    :returns: `id` (None where nobody was asked yet), `subject` (such as
        `project`), `subject_id`, `state` (`answered`, `asked`, `passed_on`,
        `undecided` or `searching`), `answer`, the last one, `confirmed`,
        `asked` and `silent`, when that was, or None; `title`, `address`, a
        path, `question` and `lead`, words of the page; and `answers`, that
        can be given: dictionaries with `name`, `label`, `text`, `thanks` and
        `fields`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such question, or no project
    :raises NotAuthorized: where you may not answer
    :raises ValidationError: where the link is of no use (any more)
    """
    row = asked.find(data_dict)
    tk.check_access(
        "digifarm_confirmation_show", context, asked.named(row, data_dict)
    )
    kind = kinds.of(row)
    words = kind.words(row)
    return {
        **row.dictize(),
        **{
            name: words[name]
            for name in ("title", "address", "question", "lead")
        },
        "answers": [
            {
                "name": answer.name,
                "label": answer.label,
                "text": answer.text,
                "thanks": answer.thanks,
                "fields": [*answer.fields],
            }
            for answer in kind.answers(row)
        ],
    }
