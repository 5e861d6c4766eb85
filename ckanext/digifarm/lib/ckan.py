"""All of CKAN that is used here and is neither toolkit nor plugin interface.

CKAN promises to keep those two; the rest may change with any version. Other
modules import it from here, so that the next CKAN is the work of one file.
"""

import ckan
from ckan import authz, model
from ckan.authz import is_authorized
from ckan.common import CKANConfig, current_user, session
from ckan.config import middleware
from ckan.config.declaration import Declaration
from ckan.config.middleware.flask_app import csrf
from ckan.exceptions import CkanConfigurationException
from ckan.lib import files, mailer, munge, search
from ckan.lib.dictization.model_dictize import get_group_dataset_counts
from ckan.lib.dictization.model_save import package_dict_save
from ckan.lib.jobs import get_queue
from ckan.lib.munge import munge_name, munge_title_to_name
from ckan.lib.pagination import Page
from ckan.lib.plugins import (
    DefaultTranslation,
    get_permission_labels,
    lookup_package_plugin,
    plugin_validate,
)
from ckan.lib.redis import connect_to_redis
from ckan.lib.search import SearchError, SearchIndexError
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal
from ckan.lib.uploader import get_max_image_size, get_uploader
from ckan.logic import clear_validators_cache, index_update_package
from ckan.logic.auth import get_package_object
from ckan.logic.schema import (
    create_user_for_user_invite_schema,
    default_autocomplete_schema,
)
from ckan.logic.validators import boolean_validator
from ckan.model import is_id
from ckan.model.types import make_uuid
from ckan.types import (
    Action,
    AuthFunction,
    AuthResult,
    CKANApp,
    Context,
    DataDict,
    ErrorDict,
    FlattenDataDict,
    FlattenErrorDict,
    FlattenKey,
    PUploader,
    Response,
    Schema,
    SignalMapping,
    Validator,
    ValidatorFactory,
)

#: A session of one's own, beside that of the request.
own_session = model.meta.create_local_session

#: Of CKAN.
version = ckan.__version__

__all__ = [
    "Action",
    "AuthFunction",
    "AuthResult",
    "CKANApp",
    "CKANConfig",
    "CkanConfigurationException",
    "Context",
    "DataDict",
    "Declaration",
    "DefaultTranslation",
    "ErrorDict",
    "FlattenDataDict",
    "FlattenErrorDict",
    "FlattenKey",
    "PUploader",
    "Page",
    "Response",
    "Schema",
    "SearchError",
    "SearchIndexError",
    "SignalMapping",
    "Validator",
    "ValidatorFactory",
    "authz",
    "boolean_validator",
    "clear_validators_cache",
    "connect_to_redis",
    "create_user_for_user_invite_schema",
    "csrf",
    "current_user",
    "default_autocomplete_schema",
    "files",
    "get_group_dataset_counts",
    "get_max_image_size",
    "get_package_object",
    "get_permission_labels",
    "get_queue",
    "get_uploader",
    "index_update_package",
    "is_authorized",
    "is_id",
    "lookup_package_plugin",
    "mailer",
    "make_connection",
    "make_uuid",
    "middleware",
    "model",
    "munge",
    "munge_name",
    "munge_title_to_name",
    "own_session",
    "package_dict_save",
    "plugin_validate",
    "search",
    "session",
    "solr_literal",
    "version",
]
