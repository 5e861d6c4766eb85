"""What is counted of who uses what."""

from __future__ import annotations

from ckan.lib.redis import connect_to_redis


def forget_uses() -> None:
    """Forget how often limited things were used."""
    if keys := list(connect_to_redis().scan_iter("*digifarm*")):
        connect_to_redis().delete(*keys)
