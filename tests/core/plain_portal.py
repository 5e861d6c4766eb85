"""The same portal without this extension: a process that answers requests.

    python plain_portal.py INI

Each line that comes in is a request, as JSON: `address` and `token`. Each
line that goes out is what the portal answers: `status` and `text`.
"""

from __future__ import annotations

import json
import sys

from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import plugin_loaded


def main(ini: str) -> None:
    """Answer requests until there are no more."""
    app = make_app(load_config(ini))
    assert not plugin_loaded("digifarm")
    # As on a portal, where the web server answers 500.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answers, sys.stdout = sys.stdout, sys.stderr
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        # A session of its own, as of another browser.
        response = app.test_client().get(
            request["address"],
            headers={"Authorization": request["token"]},
        )
        answer = {"status": response.status_code, "text": response.text}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
