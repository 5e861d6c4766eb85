"""Pictures of forms that nobody has sent again are kept no longer."""

from __future__ import annotations

import datetime

from ..lib.due_work import ALL, Kind
from . import kept_pictures

HOUR = datetime.timedelta(hours=1)

KINDS = (
    Kind(
        "kept-pictures",
        lambda: [ALL],
        lambda _: kept_pictures.drop_old(),
        HOUR,
    ),
)
