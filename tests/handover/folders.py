"""What folders for handing over say."""

from __future__ import annotations

from typing import Any

from ckanext.digifarm.handover import entries
from ckanext.digifarm.handover.entries import Kind

#: All that a successor needs.
COMPLETE: dict[str, Any] = {
    f"{kind.value}_{name}": f"{kind.value}: {name} <b>"
    for kind in (Kind.DOMAIN, Kind.SERVER, Kind.REPOSITORY)
    for name in entries.NEEDED
} | {
    f"{kind.value}_unused": True
    for kind in (Kind.APP_STORE, Kind.DATA, Kind.MONEY)
}
