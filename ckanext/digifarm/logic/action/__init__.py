from typing import Any

from . import activity
from .bulk import bulk_update_delete, bulk_update_private, bulk_update_public
from .claims import digifarm_task_confirm, digifarm_task_take
from .help import digifarm_help_list
from .links import (
    digifarm_dataset_list,
    digifarm_link_counts,
    digifarm_link_create,
    digifarm_link_delete,
    digifarm_project_list,
)
from .mails import (
    digifarm_mail_delete,
    digifarm_mail_list,
    digifarm_mail_retry,
)
from .matching import digifarm_match
from .offers import (
    digifarm_support_accept,
    digifarm_support_confirm,
    digifarm_support_decline,
    digifarm_support_end,
    digifarm_support_offer,
    digifarm_support_request,
    digifarm_support_withdraw,
)
from .owners import (
    digifarm_project_care_list,
    digifarm_project_claim,
    digifarm_project_claim_show,
    digifarm_project_mine,
    digifarm_project_owned,
)
from .partners import (
    digifarm_partner_create,
    digifarm_partner_delete,
    digifarm_partner_merge,
    digifarm_partner_restore,
    digifarm_partner_search,
    digifarm_partner_show,
    digifarm_partner_update,
)
from .projects import (
    dataset_purge,
    digifarm_project_show,
    package_create,
    package_delete,
    package_owner_org_update,
    package_patch,
    package_update,
)
from .proposals import (
    digifarm_license_check,
    digifarm_proposal_confirm,
    digifarm_proposal_duplicates,
    digifarm_proposal_picture,
    digifarm_proposal_show,
    digifarm_proposal_submit,
    digifarm_proposal_update,
    digifarm_proposal_withdraw,
)
from .registrations import (
    digifarm_partner_accept,
    digifarm_partner_confirm,
    digifarm_partner_decline,
    digifarm_partner_proposed_list,
    digifarm_partner_register,
)
from .reviews import (
    digifarm_proposal_approve,
    digifarm_proposal_decline,
    digifarm_proposal_list,
    digifarm_proposal_request_changes,
)
from .search import (
    group_list,
    organization_list,
    package_autocomplete,
    tag_show,
)
from .support import (
    digifarm_support_create,
    digifarm_support_inbox,
    digifarm_support_list,
    digifarm_support_show,
)
from .tasks import (
    digifarm_task_create,
    digifarm_task_delete,
    digifarm_task_done,
    digifarm_task_list,
    digifarm_task_order,
    digifarm_task_return,
    digifarm_task_show,
    digifarm_task_update,
)

__all__ = [
    "bulk_update_delete",
    "bulk_update_private",
    "bulk_update_public",
    "dataset_purge",
    "digifarm_dataset_list",
    "digifarm_help_list",
    "digifarm_license_check",
    "digifarm_link_counts",
    "digifarm_link_create",
    "digifarm_link_delete",
    "digifarm_mail_delete",
    "digifarm_mail_list",
    "digifarm_mail_retry",
    "digifarm_match",
    "digifarm_partner_accept",
    "digifarm_partner_confirm",
    "digifarm_partner_create",
    "digifarm_partner_decline",
    "digifarm_partner_delete",
    "digifarm_partner_merge",
    "digifarm_partner_proposed_list",
    "digifarm_partner_register",
    "digifarm_partner_restore",
    "digifarm_partner_search",
    "digifarm_partner_show",
    "digifarm_partner_update",
    "digifarm_project_care_list",
    "digifarm_project_claim",
    "digifarm_project_claim_show",
    "digifarm_project_list",
    "digifarm_project_mine",
    "digifarm_project_owned",
    "digifarm_project_show",
    "digifarm_proposal_approve",
    "digifarm_proposal_confirm",
    "digifarm_proposal_decline",
    "digifarm_proposal_duplicates",
    "digifarm_proposal_list",
    "digifarm_proposal_picture",
    "digifarm_proposal_request_changes",
    "digifarm_proposal_show",
    "digifarm_proposal_submit",
    "digifarm_proposal_update",
    "digifarm_proposal_withdraw",
    "digifarm_support_accept",
    "digifarm_support_confirm",
    "digifarm_support_create",
    "digifarm_support_decline",
    "digifarm_support_end",
    "digifarm_support_inbox",
    "digifarm_support_list",
    "digifarm_support_offer",
    "digifarm_support_request",
    "digifarm_support_show",
    "digifarm_support_withdraw",
    "digifarm_task_confirm",
    "digifarm_task_create",
    "digifarm_task_delete",
    "digifarm_task_done",
    "digifarm_task_list",
    "digifarm_task_order",
    "digifarm_task_return",
    "digifarm_task_show",
    "digifarm_task_take",
    "digifarm_task_update",
    "group_list",
    "organization_list",
    "package_autocomplete",
    "package_create",
    "package_delete",
    "package_owner_org_update",
    "package_patch",
    "package_update",
    "tag_show",
]


def all_actions() -> dict[str, Any]:
    """The actions of this extension, and those of others that it chains."""
    return {name: globals()[name] for name in __all__} | activity.actions()
