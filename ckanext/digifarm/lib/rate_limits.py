"""How often somebody may use what anybody may use; counted in Redis."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import re
from collections.abc import Callable
from typing import NoReturn

import ckantoolkit as tk
from flask import g, has_request_context
from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from .. import config
from .ckan import connect_to_redis

log = logging.getLogger(__name__)

#: What one household or one office gets of IPv6, in bits.
IPV6_PREFIX = 64

_RETRY_AFTER = "digifarm_retry_after"


class LimitReached(tk.NotAuthorized):
    """Too often, for now. Core answers the API by 403; core/views.py
    makes it 429.
    """


def check(subject: str, email: str = "", *, is_counted: bool = True) -> None:
    """Count a use, and refuse it where there were too many.

    Where Redis doesn't answer, nothing is counted: people should not have to
    wait for it.

    :param subject: what is used, such as `support`
    :param email: the address that a mail will go to, if any
    :param is_counted: else only refused, as what comes next takes long
    :raises LimitReached: with a sentence for people
    """
    if not has_request_context():
        return
    limiter = MovingWindowRateLimiter(_storage())
    counters = [(config.limits_address(), "address", client_address())]
    if email:
        counters.append((config.limits_email(), "email", email.casefold()))
    try:
        use = limiter.hit if is_counted else limiter.test
        reached = _reached(use, subject, counters)
    except RedisError as e:
        log.warning("Redis doesn't answer, no limits are kept: %s", e)
        return
    if reached:
        _refuse(reached)


def _reached(
    use: Callable[..., bool],
    subject: str,
    counters: list[tuple[list[RateLimitItem], str, str]],
) -> RateLimitItem | None:
    """Which limit is reached, if one is.

    :param use: tells whether one isn't, and may count
    """
    for limits, kind, who in counters:
        for limit in limits:
            # A mailbox is the same, whatever fills it.
            what = "mail" if kind == "email" else subject
            if not use(limit, what, kind, _digest(who)):
                return limit
    return None


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


def _refuse(limit: RateLimitItem) -> NoReturn:
    g.setdefault(_RETRY_AFTER, limit.get_expiry())
    minutes = -(-limit.get_expiry() // 60)
    raise LimitReached(
        tk.ungettext(
            "That was a bit much for now. Please try again in a minute.",
            "That was a bit much for now. Please try again in {num} minutes"
            " at the latest.",
            minutes,
        ).format(num=minutes)
    )
