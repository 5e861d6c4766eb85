"""A private Redis: number 0 is the demo's, those from 1 are the tests'."""

from dev import paths, probes, processes

NAME = "redis"
FOR_TESTS = 1


def start() -> None:
    """Start Redis.

    :raises SetupError: it doesn't come up
    """
    port = processes.port_of(NAME)
    processes.start(
        processes.Server(
            name=NAME,
            title="Redis",
            command=[
                "redis-server",
                *("--port", str(port)),
                *("--bind", "127.0.0.1"),
                # Jobs that wait survive a stop.
                *("--appendonly", "yes"),
            ],
            directory=paths.STATE / "redis",
            answers=lambda: probes.greeting(port, b"PING\r\n", b"+PONG"),
        )
    )


def stop() -> None:
    """Stop Redis."""
    processes.stop(NAME)


def url(number: int) -> str:
    """Give the address of one of Redis' databases.

    :param number: which one, from 0
    """
    return f"redis://127.0.0.1:{processes.port_of(NAME)}/{number}"
