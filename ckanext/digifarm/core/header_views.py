"""What the answers of our pages tell browsers and caches."""

from __future__ import annotations

import ckantoolkit as tk
from flask import Blueprint

from ..lib import forms, masking, own_pages, tokens
from ..lib.ckan import Response

headers = Blueprint("digifarm_headers", __name__)
headers.record(lambda _: masking.install())

#: Nobody reads our pages as what they are not; other portals learn from which
#: portal somebody comes, and not from which page.
HEADERS = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}

#: Nobody frames them, but for those that are made for that.
FRAMES = "frame-ancestors 'self'"
OLD_FRAMES = "SAMEORIGIN"


@headers.before_app_request
def take_the_browsers_word() -> None:
    """Let the forms of pages be sent that send no referrer.

    By HTTPS, the check of CSRF tokens wants one. Browsers say themselves that
    a form is of this portal, and no page can make them say so.
    """
    request = tk.request
    is_ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if own_pages.is_ours() and is_ours and not request.referrer:
        request.environ["HTTP_REFERER"] = request.host_url


@headers.after_app_request
def protect(response: Response) -> Response:
    """Protect our pages, and each one whose address holds a key."""
    if tokens.PATTERN.search(tk.request.full_path):
        forms.keep_secret(response)
        # Not for all forms: who goes back finds what they have typed.
        response.cache_control.no_store = True
    if own_pages.is_ours():
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    if own_pages.is_ours() and not own_pages.may_be_framed():
        response.headers.setdefault("X-Frame-Options", OLD_FRAMES)
        # Beside what others say of other things: browsers obey to all.
        response.headers.add("Content-Security-Policy", FRAMES)
    return response
