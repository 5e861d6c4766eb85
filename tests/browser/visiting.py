"""What people do with their browsers."""

from __future__ import annotations

import re
import time
from email.message import EmailMessage

from playwright.sync_api import Locator, Page, expect

from ckan import model
from ckanext.digifarm.lib import clock, outbox
from ckanext.digifarm.lib.forms import MIN_SECONDS
from ckanext.digifarm.lib.mail import Mail

from .. import mail_server
from ..confirmations.calendar import Calendar

WIDE = 1280
NARROW = 390  # a phone
SMALL = 320  # one that is smaller than most

PASSWORD = "only-for-tests"

MAX_STEPS = 100
MAX_WAIT = 60  # seconds until a mail must be there
PAUSE = 0.05  # seconds between two looks for a mail


class Mailbox:
    """The mails that a portal has sent.

    :param server: the mail server that caught them
    """

    def __init__(self, server: mail_server.MailServer) -> None:
        self._server = server

    def mails_to(self, address: str) -> list[EmailMessage]:
        """The mails to an address, the oldest first."""
        found = [
            mail
            for mail in self._server.messages
            if address in str(mail["To"])
        ]
        return sorted(found, key=lambda mail: mail["Date"].datetime)

    def mail_with(self, address: str, words: str) -> str:
        """The text of the mail that comes with some words in it.

        :raises AssertionError: it doesn't come
        """
        end = time.monotonic() + MAX_WAIT
        while time.monotonic() < end:
            for mail in self.mails_to(address):
                text = mail_server.text(mail)
                if words in text:
                    return text
            time.sleep(PAUSE)
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
                    assert "<p>" in mail_server.html(mail)
                    return mail_server.text(mail)
            time.sleep(PAUSE)
        subjects = [mail["Subject"] for mail in self.mails_to(address)]
        raise AssertionError(f"no {subject} among {subjects}")


def send_all(calendar: Calendar) -> None:
    """Let the worker, whose clock goes as ever, send what is written.

    Until it has: what waits would go out as one with what comes next.

    :raises AssertionError: it doesn't
    """
    now = clock.now() - calendar.ahead
    waiting = model.Session.query(Mail)
    waiting.update({"due": now})
    outbox.wake()
    model.Session.commit()
    end = time.monotonic() + MAX_WAIT
    while subjects := [mail.subject for mail in waiting]:
        assert time.monotonic() < end, f"not sent: {subjects}"
        time.sleep(PAUSE)
        model.Session.rollback()


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
    # Who publishes nothing comes to what they look after.
    expect(page).to_have_url(re.compile("/dashboard/(datasets|projects)$"))


def go_until_it_says(page: Page, path: str, text: str) -> None:
    """Open a page again and again: the index comes after the mails."""
    main = page.get_by_role("main")
    end = time.monotonic() + MAX_WAIT
    page.goto(path)
    while text not in main.inner_text() and time.monotonic() < end:
        page.goto(path)
    expect(main).to_contain_text(text)


def take_time(page: Page) -> None:
    """Let the time pass that people need at least to fill in a form.

    To be called when it is filled in: that time counts, too.
    """
    passed = page.evaluate(
        """performance.now()
        - performance.getEntriesByType("navigation")[0].responseStart"""
    )
    page.wait_for_timeout(max(0, MIN_SECONDS * 1000 + 100 - passed))


def tab_to(target: Locator) -> None:
    """Press Tab until an element has the focus.

    :raises AssertionError: it can't be reached so
    """
    for _ in range(MAX_STEPS):
        target.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")
