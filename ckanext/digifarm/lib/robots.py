"""What the operators of sites ask programs to leave alone, and how often."""

from __future__ import annotations

import re

from protego import Protego

from .fetch import USER_AGENT

#: More of a file with such rules isn't read, in bytes; RFC 9309, 2.5.
LIMIT = 500 * 1024

#: Nobody waits longer between two requests, in seconds.
LONGEST_PAUSE = 10.0


#: Where rules are meant for us, not for everybody.
_NAMES_US = re.compile(rf"(?im)^\s*user-agent\s*:\s*{USER_AGENT}\b")


class Rules:
    """What a site asks of us.

    :param content: of its robots.txt, as far as it was read
    """

    def __init__(self, content: bytes = b"") -> None:
        text = content.decode("utf-8", "replace")
        self._rules = Protego.parse(text)
        self._names_us = _NAMES_US.search(text) is not None

    def allow(self, url: str) -> bool:
        """Whether an address of the site may be asked for."""
        return bool(self._rules.can_fetch(url, USER_AGENT))

    def keep_out(self, url: str) -> bool:
        """Whether we in particular may not ask for an address."""
        return self._names_us and not self.allow(url)

    @property
    def pause(self) -> float:
        """How long to wait between two requests, in seconds."""
        delay = self._rules.crawl_delay(USER_AGENT)
        return min(float(delay or 0), LONGEST_PAUSE)
