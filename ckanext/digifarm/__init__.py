"""Civic projects on a CKAN portal.

Looks first which CKAN this is: the package requires none, so that installing
it never replaces that of a portal, and on another one the modules beside this
could not be imported.
"""

import ckan
from ckan.exceptions import CkanConfigurationException

#: The version of CKAN that this is made for; any of its patches will do.
WANTED = "2.12"

if not f"{ckan.__version__}.".startswith(f"{WANTED}."):
    raise CkanConfigurationException(
        f"The plugin digifarm needs CKAN {WANTED}, and this is CKAN"
        f" {ckan.__version__}. Take digifarm out of ckan.plugins, or upgrade"
        " CKAN."
    )
