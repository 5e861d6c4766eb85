"""How often somebody may use what anybody may use; counted in Redis.

Uses of forms are counted by who uses them, whatever the form; mails by the
mailbox that they go to, whatever the way.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import math
import re
import time
from typing import NoReturn

import ckantoolkit as tk
from flask import g, has_request_context
from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from .. import config
from . import addresses
from .ckan import connect_to_redis
from .language import is_asked

log = logging.getLogger(__name__)

#: What one household or one office gets of IPv6, in bits.
IPV6_PREFIX = 64

#: From so many minutes on, people are told hours.
MOST_MINUTES = 120

#: What is counted.
FORMS, PICTURES = "forms", "pictures"

_RETRY_AFTER = "digifarm_retry_after"


class LimitReached(tk.NotAuthorized):
    """Too often, for now. Core answers the API by 403; core/views.py
    makes it 429.
    """


def check(
    user_id: str | None, *, is_counted: bool = True, what: str = FORMS
) -> None:
    """Count a use of the forms, and refuse it where there were too many.

    People who are logged in are counted by their account, so that many of
    them can work behind one network address. What is refused isn't counted.

    Where Redis doesn't answer, nothing is counted: people should not have to
    wait for it.

    :param user_id: id of the account of whoever uses one, if they have one
    :param is_counted: else only refused, as what comes next takes long
    :param what: `FORMS`, or `PICTURES` that are kept for forms which come
        back; each is counted for itself, as often as the other
    :raises LimitReached: with a sentence for people
    """
    if not is_asked():
        return
    who = ("account", user_id) if user_id else ("address", client_address())
    limits = config.limits_address()
    if seconds := _use(limits, what, *who, is_counted=is_counted):
        refuse(seconds, tk._("That was a bit much for now."))


def fill_mailbox(email: str, *, is_counted: bool = True) -> int:
    """Count a mail that somebody has not asked for.

    :param email: where it goes, in any spelling
    :param is_counted: else it is only looked whether there is room
    :returns: in how many seconds there is room; 0 for now
    """
    mailbox = addresses.mailbox(email)
    limits = config.limits_email()
    return _use(limits, "mail", "email", mailbox, is_counted=is_counted)


def reach(project_id: str, *, is_counted: bool = True) -> None:
    """Count a message to the people of a project, and refuse too many.

    :param is_counted: else only refused
    :raises LimitReached: with a sentence for people
    """
    limits = config.limits_email()
    seconds = _use(
        limits, "messages", "project", project_id, is_counted=is_counted
    )
    if seconds:
        refuse(seconds, tk._("This team got many messages lately."))


def ask(partner_id: str) -> None:
    """Count what a project brings a partner, and refuse too much.

    By the partner: how full its mailbox is would tell projects whether an
    address that they guess is its contact's.

    :raises LimitReached: with a sentence for people
    """
    if not is_asked():
        return
    limits = config.limits_email()
    if seconds := _use(
        limits, "requests", "partner", partner_id, is_counted=True
    ):
        why = tk._("Many mails have gone to this contact lately.")
        refuse(seconds, why)


def refuse(seconds: int, why: str) -> NoReturn:
    """Refuse what was too much.

    :param seconds: when to try again
    :param why: a sentence for people
    :raises LimitReached: always
    """
    if has_request_context():
        setattr(g, _RETRY_AFTER, seconds)
    raise LimitReached(f"{why} {_when(seconds)}")


def _when(seconds: int) -> str:
    minutes = -(-seconds // 60)
    if minutes < MOST_MINUTES:
        return tk.ungettext(
            "Please try again in a minute.",
            "Please try again in {num} minutes.",
            minutes,
        ).format(num=minutes)
    hours = -(-minutes // 60)
    return tk._("Please try again in {num} hours.").format(num=hours)


def _use(
    limits: list[RateLimitItem],
    what: str,
    kind: str,
    who: str,
    *,
    is_counted: bool,
) -> int:
    """Count a use unless one of the limits is reached.

    :returns: in how many seconds no limit is reached any more; 0 for now
    """
    names = (what, kind, _digest(who))
    limiter = MovingWindowRateLimiter(_storage())
    try:
        # All are asked first, so that none counts what another one refuses.
        reached = [item for item in limits if not limiter.test(item, *names)]
        if is_counted and not reached:
            # Somebody may have been faster.
            reached = [
                item for item in limits if not limiter.hit(item, *names)
            ]
        return max(
            (_seconds(limiter, item, *names) for item in reached), default=0
        )
    except RedisError as e:
        log.warning("Redis doesn't answer, no limits are kept: %s", e)
        return 0


def _seconds(
    limiter: MovingWindowRateLimiter, item: RateLimitItem, *names: str
) -> int:
    """In how many seconds the oldest use is counted no longer."""
    reset = limiter.get_window_stats(item, *names).reset_time
    return max(1, math.ceil(reset - time.time()))


def retry_after() -> int | None:
    """In how many seconds to try again, where a limit was reached now."""
    return g.get(_RETRY_AFTER)


def client_address() -> str:
    """The network address of who asks.

    Each trusted proxy adds one address at the end of `X-Forwarded-For`; what
    stands before those can be written by anybody.
    """
    request = tk.request
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    chain = [hop.strip() for hop in hops if hop.strip()]
    chain.append(request.environ.get("REMOTE_ADDR", ""))
    trusted = config.trusted_proxies()
    return _network(chain[-1 - trusted] if trusted < len(chain) else chain[0])


def _network(address: str) -> str:
    # Some proxies add the port.
    if match := re.fullmatch(r"\[(.+)\](?::\d+)?|([\d.]+):\d+", address):
        address = match[1] or match[2]
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        # Servers that listen to both kinds write IPv4 like this.
        ip = ip.ipv4_mapped or ip
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ipaddress.ip_network((ip, IPV6_PREFIX), strict=False))


def _storage() -> RedisStorage:
    # Core's own connections: its url may be of a kind that limits can't read.
    return RedisStorage(
        "redis://",
        connection_pool=connect_to_redis().connection_pool,
        key_prefix=f"ckan:{tk.config['ckan.site_id']}:digifarm",
    )


def _digest(who: str) -> str:
    """Addresses don't lie about in Redis in plain text."""
    key = tk.config["SECRET_KEY"].encode()
    return hmac.new(key, who.encode(), hashlib.sha256).hexdigest()
