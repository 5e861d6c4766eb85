"""Answers those who come too often."""

from __future__ import annotations

from flask import Blueprint

from ..lib import rate_limits
from ..lib.ckan import Response

limits = Blueprint("digifarm_limits", __name__)


@limits.after_app_request
def too_many_requests(response: Response) -> Response:
    """Say by the status what core's API says by 403, as by any refusal."""
    seconds = rate_limits.retry_after()
    if seconds is not None:
        response.status_code = 429
        response.headers["Retry-After"] = str(seconds)
    return response
