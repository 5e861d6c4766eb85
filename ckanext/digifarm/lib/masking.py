"""Keys of people, which stand in addresses, stay out of the log."""

from __future__ import annotations

import logging

from typing_extensions import override

from . import tokens

#: The loggers that write down addresses, or what the API was asked.
LOGGERS = (
    "ckan.config.middleware.flask_app",
    "ckan.views.api",
    "werkzeug",
)

MASK = "***"


def mask(text: str) -> str:
    """The text without tokens of ours."""
    return tokens.PATTERN.sub(MASK, text)


class _Mask(logging.Filter):
    """Masks the tokens in each line."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        masked = mask(message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True


#: A logger takes the same filter only once, however often it is installed.
_MASK = _Mask()


def install() -> None:
    """Mask tokens in the log from now on."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_MASK)
