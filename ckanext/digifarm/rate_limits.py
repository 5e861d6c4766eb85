"""How often somebody may use what anybody may use; counted in Redis."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from typing import NoReturn

import ckantoolkit as tk
from flask import has_request_context
from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from ckan.lib.redis import connect_to_redis

from . import config

#: What one household or one office gets of IPv6, in bits.
IPV6_PREFIX = 64


class LimitReached(tk.NotAuthorized):
    """Too often, for now. Core answers the API by 403; views/limits.py
    makes it 429.
    """


def check(subject: str, email: str = "") -> None:
    """Count a use, and refuse it where there were too many.

    :param subject: what is used, such as `support`
    :param email: the address that a mail will go to, if any
    :raises LimitReached: with a sentence for people
    """
    if not has_request_context():
        return
    limiter = MovingWindowRateLimiter(_storage())
    counters = [(config.limits_address(), "address", client_address())]
    if email:
        counters.append((config.limits_email(), "email", email.casefold()))
    for limits, kind, who in counters:
        for limit in limits:
            if not limiter.hit(limit, subject, kind, _digest(who)):
                _refuse(limit)


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
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 4:  # noqa: PLR2004
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
    minutes = -(-limit.get_expiry() // 60)
    raise LimitReached(
        tk.ungettext(
            "That was a bit much for now. Please try again in a minute.",
            "That was a bit much for now. Please try again in {num} minutes"
            " at the latest.",
            minutes,
        ).format(num=minutes)
    )
