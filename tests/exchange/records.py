"""What files become without being files."""

from __future__ import annotations

import json
from typing import Any

from ckanext.digifarm.exchange import digifarm_ms
from ckanext.digifarm.exchange.json_files import Document
from ckanext.digifarm.exchange.record import Record


def of_digifarm_ms(rows: list[Any]) -> list[Record]:
    """The records that the JSON of DIGIFARM.MS becomes."""
    found = json.loads(json.dumps(rows))
    document = Document(None, len(found), lambda: iter(found))
    return [*digifarm_ms.read(document).records()]
