"""What people do with their browsers."""

from __future__ import annotations

import email
import email.policy
import mailbox
import re
import time
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

WIDE = 1280
NARROW = 390  # a phone

PASSWORD = "only-for-tests"

MAX_STEPS = 100
MAX_WAIT = 60  # seconds until a mail must be there


class Mailbox:
    """The mails that a portal has sent.

    :param folder: where they lie, a Maildir
    :param port: of the mail server that caught them
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self.port = port

    def mails_to(self, address: str) -> list[EmailMessage]:
        """The mails to an address, the oldest first."""
        box = mailbox.Maildir(
            self._folder,
            factory=lambda file: email.message_from_binary_file(
                file, policy=email.policy.default
            ),
        )
        found = [mail for mail in box if address in str(mail["To"])]
        return sorted(found, key=lambda mail: mail["Date"].datetime)

    def mail_with(self, address: str, words: str) -> str:
        """The text of the mail that comes with some words in it.

        :raises AssertionError: it doesn't come
        """
        end = time.monotonic() + MAX_WAIT
        while time.monotonic() < end:
            for mail in self.mails_to(address):
                text = mail.get_body(("plain",)).get_content()
                if words in text:
                    return text
            time.sleep(0.2)
        raise AssertionError(f"no mail with {words}")

    def wait_for(self, address: str, subject: str) -> str:
        """The text of a mail that comes.

        :param subject: matches its subject, as a regular expression
        :raises AssertionError: it doesn't come
        """
        end = time.monotonic() + MAX_WAIT
        while time.monotonic() < end:
            for mail in self.mails_to(address):
                if re.search(subject, mail["Subject"]):
                    html = mail.get_body(("html",)).get_content()
                    assert "<p>" in html
                    return mail.get_body(("plain",)).get_content()
            time.sleep(0.2)
        subjects = [mail["Subject"] for mail in self.mails_to(address)]
        raise AssertionError(f"no {subject} among {subjects}")


def link_in(text: str, part: str) -> str:
    """The address of a link in a mail.

    :param part: what stands in the address
    """
    [link] = re.findall(rf"http\S+{re.escape(part)}\S*", text)
    return link


def log_in(page: Page, user: str) -> None:
    """Log in by the portal's form.

    :param user: name of the user
    """
    page.goto("/user/login")
    page.get_by_label("Username or Email").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Login").click()
    expect(page).to_have_url("/dashboard/datasets")


def tab_to(target: Locator) -> None:
    """Press Tab until an element has the focus.

    :raises AssertionError: it can't be reached so
    """
    for _ in range(MAX_STEPS):
        target.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")
