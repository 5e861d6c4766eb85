"""How actions refuse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, cast

import ckantoolkit as tk

from . import tokens
from .ckan import Action, Context, DataDict, ErrorDict, Schema

#: What a page has found wrong stands here in the context of an action.
_FOUND = "digifarm_found_wrong"


class UsedLink(tk.ValidationError):
    """A link has been used, or another one has come since.

    :param row: the row that it was about, or None where that is gone
    :param now: a sentence on how that stands now, or ""
    :param page: gives what a page says in other words: `now`, `heading`, and
        `ways` to go on, words and addresses
    """

    def __init__(
        self,
        row: Any,
        now: str = "",
        page: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        super().__init__({"token": [tokens.used()]})
        self.row = row
        self.now = now
        self.page = page


def refuse(
    field: str, message: str, cause: Exception | None = None
) -> NoReturn:
    """Refuse a parameter.

    :param field: its name
    :param message: what is wrong, for people
    :param cause: what showed it, if that was an exception
    :raises ValidationError: always
    """
    errors: ErrorDict = {field: [message]}
    raise tk.ValidationError(errors) from cause


class Complaints:
    """All that is wrong with what was sent, so that it is said at once.

    :param errors: what is known already; of a field, the first counts
    """

    def __init__(self, errors: Mapping[str, Any]) -> None:
        self._errors: ErrorDict = {**errors}

    def __bool__(self) -> bool:
        return bool(self._errors)

    def __contains__(self, field: str) -> bool:
        return field in self._errors

    def add(self, errors: Mapping[str, Any]) -> None:
        """Complain about more fields."""
        self._errors = {**errors, **self._errors}
        if tags := self._errors.get("tags"):
            # Core has put them in order for people, and wants rows again.
            self._errors["tags"] = [
                {"name": [tag]} if isinstance(tag, str) else tag
                for tag in cast("list[Any]", tags)
            ]

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Let the block complain; what follows it is done all the same."""
        try:
            yield
        except tk.ValidationError as e:
            self.add(e.error_dict)

    def refuse(self) -> None:
        """Refuse what was sent.

        :raises ValidationError: where there is a complaint
        """
        if self._errors:
            raise self.error()

    def error(self) -> tk.ValidationError:
        """The refusal."""
        return tk.ValidationError(self._errors)


def finding(errors: Mapping[str, Any]) -> Context:
    """The context for an action that a page calls.

    :param errors: what the page has found wrong: then the action, one that
        asks `found`, only says what else is wrong
    """
    return cast("Context", {_FOUND: errors} if errors else {})


def found(context: Context) -> Complaints:
    """What a page has found wrong that calls an action."""
    return Complaints(cast("dict[str, Any]", context).get(_FOUND, {}))


def checked(
    context: Context,
    data_dict: DataDict,
    schema: Schema,
    first: Collection[str] = (),
) -> tuple[DataDict, Complaints]:
    """What a schema makes of parameters, and what is wrong with them.

    For actions that look at more than the schema does; see `validate`.

    :param first: parameters without which nothing else can be looked at
    :raises ValidationError: where one of these is wrong
    """
    complaints = found(context)
    values, errors = tk.navl_validate(data_dict, schema, context)
    complaints.add(errors)
    if any(name in complaints for name in first):
        complaints.refuse()
    return values, complaints


def validate(schema: Callable[[], Schema]) -> Callable[[Action], Action]:
    """As `tk.validate_action_data`, for an action that asks `found`."""

    def decorator(action: Action) -> Action:
        @wraps(action)
        def wrapper(context: Context, data_dict: DataDict) -> Any:
            values, complaints = checked(context, data_dict, schema())
            complaints.refuse()
            return action(context, values)

        return wrapper

    return decorator
