from .links import (
    digifarm_dataset_list,
    digifarm_link_counts,
    digifarm_link_create,
    digifarm_link_delete,
    digifarm_project_list,
)
from .partners import (
    digifarm_partner_create,
    digifarm_partner_delete,
    digifarm_partner_restore,
    digifarm_partner_search,
    digifarm_partner_show,
    digifarm_partner_update,
)
from .projects import (
    digifarm_project_show,
    package_update,
    resource_create,
)
from .support import (
    digifarm_support_create,
    digifarm_support_end,
    digifarm_support_list,
)

__all__ = [
    "digifarm_dataset_list",
    "digifarm_link_counts",
    "digifarm_link_create",
    "digifarm_link_delete",
    "digifarm_partner_create",
    "digifarm_partner_delete",
    "digifarm_partner_restore",
    "digifarm_partner_search",
    "digifarm_partner_show",
    "digifarm_partner_update",
    "digifarm_project_list",
    "digifarm_project_show",
    "digifarm_support_create",
    "digifarm_support_end",
    "digifarm_support_list",
    "package_update",
    "resource_create",
]
