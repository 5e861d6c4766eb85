"""How a mail of the outbox goes to the mail server."""

from __future__ import annotations

import ckantoolkit as tk

from . import smtp
from .mail import Mail


def words(mail: Mail) -> dict[str, str]:
    """What a mail says, as `send` takes it."""
    return {
        "subject": mail.subject,
        "body": mail.body,
        "body_html": mail.body_html,
    }


def send(mail: Mail, subject: str, body: str, body_html: str) -> None:
    """Hand a mail to the mail server.

    :param mail: who gets it, and how
    :param subject: what it says, which may be more than is stored of it
    """
    domain = tk.config["ckan.site_url"].partition("://")[2].partition(":")[0]
    headers = {
        # The same at each attempt: a mail that arrived all the same is known.
        "Message-ID": f"<{mail.id}@{domain.strip('/')}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
    }
    if mail.reply_to:
        headers["Reply-To"] = mail.reply_to
    if mail.unsubscribe:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    smtp.send(
        smtp.Letter(
            mail.recipient_name,
            mail.recipient_email,
            subject,
            body,
            body_html,
            headers,
        )
    )
