"""Who acts, for what is written down where nobody can be asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import ckantoolkit as tk
from flask import has_request_context

from .actors import Actor
from .ckan import Context, current_user, model


class Acting(NamedTuple):
    """Somebody who acts.

    :param actor: as whom
    :param user_id: id of their account, if they have one
    """

    actor: Actor
    user_id: str | None


#: Who somebody is without having to show it.
UNASKED = frozenset({Actor.ANYBODY, Actor.USER})

_acting: ContextVar[Acting | None] = ContextVar("digifarm_acting")


@contextmanager
def acting(actor: Actor, user_id: str | None) -> Iterator[None]:
    """What the block changes, somebody does as this actor."""
    token = _acting.set(Acting(actor, user_id))
    try:
        yield
    finally:
        _acting.reset(token)


@contextmanager
def acting_in(context: Context) -> Iterator[None]:
    """What the block changes, the user of an action's context does.

    Where the action is part of another one, whoever has called that does.
    """
    if _acting.get(None):
        yield
        return
    user = model.User.get(context.get("user"))
    with acting(_actor(user), user.id if user else None):
        yield


def who() -> Acting:
    """Who acts now: as was said, or else the user of the request."""
    if said := _acting.get(None):
        return said
    user = None
    if has_request_context() and current_user.is_authenticated:
        user = model.User.get(current_user.id)
    return Acting(_actor(user), user.id if user else None)


def as_whom(
    actors: Collection[Actor],
    context: Context,
    is_actor: Callable[[Actor], bool],
    *,
    is_one: bool,
) -> Actor:
    """As whom somebody does what they may.

    :param actors: those who may; one that all others are as well comes last
    :param context: of whoever does it
    :param is_actor: whether they are a certain one
    :param is_one: whether they are one of them for sure: then it is the last
        one if it is no other. Else a sysadmin, who may all, is just a user
    """
    user = model.User.get(context.get("user"))
    if is_portal(user):
        return Actor.PORTAL
    others, last = [*actors], Actor.USER
    if others and (is_one or user is None):
        last = others.pop()
    for actor in others:
        if actor in UNASKED or is_actor(actor):
            return actor
    return last


def is_portal(user: model.User | None) -> bool:
    """Whether a user is the account by which the portal itself acts."""
    return user is not None and user.name == tk.config["ckan.site_id"]


def _actor(user: model.User | None) -> Actor:
    """As whom a user changes a project: who may do so is the project."""
    return Actor.PORTAL if user is None or is_portal(user) else Actor.PROJECT
