"""Ports of the local servers: chosen once, remembered in .dev/ports.json."""

from __future__ import annotations

import json
import socket

from dev import paths

MEMORY = paths.STATE / "ports.json"
# Below the range from which the kernel takes ports for outgoing connections.
# Every checkout starts at another place, so that two rarely meet.
FIRST = 20000 + int(paths.CHECKOUT, 16) % 1000 * 10
LAST = 32767
HIGHEST = 65535


def of(name: str) -> int:
    """Give the port that a server was given last.

    :param name: the server
    :raises KeyError: it was never given one
    """
    return _remembered()[name]


def choose(name: str) -> int:
    """Give a server that is about to start a port on which nothing listens.

    :param name: the server; it keeps its port as long as nobody takes it
    """
    remembered = _remembered()
    others = {remembered[other] for other in remembered if other != name}
    wishes = [remembered.get(name, FIRST), *range(FIRST, LAST)]
    port = next(
        port for port in wishes if port not in others and is_free(port)
    )
    remember(name, port)
    return port


def remember(name: str, port: int) -> None:
    """Note the port of a server for later.

    :param name: the server
    :param port: its port
    """
    remembered = _remembered() | {name: port}
    paths.replace(MEMORY, json.dumps(remembered, indent=2) + "\n")


def is_free(port: int) -> bool:
    """Tell whether nothing listens on a port of the loopback interface.

    :param port: 1 to 65535
    """
    with socket.socket() as probe:
        # As servers do: connections that have just ended don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _remembered() -> dict[str, int]:
    if not MEMORY.exists():
        return {}
    return json.loads(MEMORY.read_text(encoding="utf-8"))
