"""A real mail server for tests."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class MailServer:
    """Keeps the mails that it gets; it can be stopped and started again."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._port = server.getsockname()[1]
        self.messages: list[EmailMessage] = []
        #: The same as they came.
        self.raw: list[bytes] = []
        #: Addresses that it knows nothing of.
        self.unknown: set[str] = set()
        #: How long it takes for a mail, in seconds.
        self.delay = 0.0
        self._controller: Controller | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        self._controller = Controller(self, "127.0.0.1", self._port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    @property
    def recipients(self) -> list[str]:
        """The addresses that got mails, in alphabetical order."""
        return sorted(map(self.recipient_of, self.messages))

    @staticmethod
    def recipient_of(message: EmailMessage) -> str:
        """The address that a mail goes to."""
        return str(message["To"].addresses[0].addr_spec)

    # What aiosmtpd asks for.
    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, _: Any
    ) -> str:
        if address in self.unknown:
            return f"550 <{address}> is unknown here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        await asyncio.sleep(self.delay)
        message = email.message_from_bytes(
            envelope.content, policy=email.policy.default
        )
        self.messages.append(message)  # type: ignore[arg-type]
        self.raw.append(envelope.content)
        return "250 OK"


def text(message: EmailMessage) -> str:
    """A mail's plain text."""
    return _part(message, "plain")


def html(message: EmailMessage) -> str:
    """A mail as HTML."""
    return _part(message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")
