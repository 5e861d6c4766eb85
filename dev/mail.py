"""A mail server that sends nothing on: mails become files in .dev/mail/new."""

from dev import paths, probes, processes

NAME = "mail"


def start() -> None:
    """Start the mail server.

    :raises SetupError: it doesn't come up
    """
    port = processes.port_of(NAME)
    processes.start(
        processes.Server(
            name=NAME,
            title="Mail catcher",
            command=[
                *(paths.BIN / "python", "-m", "aiosmtpd"),
                # It may stay root if it is; that is only asked of port 25.
                "--nosetuid",
                *("--listen", f"127.0.0.1:{port}"),
                *("--class", "aiosmtpd.handlers.Mailbox"),
                paths.STATE / "mail",
            ],
            directory=paths.STATE,
            answers=lambda: probes.greeting(port, b"", b"220"),
        )
    )


def stop() -> None:
    """Stop the mail server."""
    processes.stop(NAME)


def address() -> str:
    """Give host and port of the mail server."""
    return f"127.0.0.1:{processes.port_of(NAME)}"
