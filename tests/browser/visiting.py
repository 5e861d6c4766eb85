"""What people do with their browsers."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

WIDE = 1280
NARROW = 390  # a phone

PASSWORD = "only-for-tests"

MAX_STEPS = 100


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
