from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from typing_extensions import override

import ckan.plugins as p

from . import startup, subjects
from .core import (
    changes,  # noqa: F401 – it watches the session
    editing,
)
from .endings import following  # noqa: F401 – it does a job
from .lib.ckan import (
    CKANApp,
    CKANConfig,
    Context,
    Declaration,
    DefaultTranslation,
    SignalMapping,
    model,
)
from .lib.index import reindex_published_later
from .links import activity
from .losses import due  # noqa: F401 – it has a table
from .moves import telling  # noqa: F401 – it does a job
from .owners.views import point_back
from .projects import (
    fields,
    listing,  # noqa: F401 – it watches the session
    order,
    pictures,
    search,
    web_pictures,  # noqa: F401 – it watches the session
    words,
)
from .sharing import nobody
from .support import index


@tk.blanket.actions(subjects.actions)
@tk.blanket.auth_functions(subjects.auth_functions)
@tk.blanket.blueprints(subjects.blueprints)
@tk.blanket.cli
@tk.blanket.helpers(subjects.helpers)
@tk.blanket.validators(subjects.validators)
class DigifarmPlugin(
    p.IConfigDeclaration,
    p.IConfigurer,
    p.IConfigurable,
    p.IFacets,
    p.IGroupController,
    p.IMiddleware,
    p.IOrganizationController,
    p.IPackageController,
    p.ISignal,
    DefaultTranslation,
    p.ITranslation,
    p.SingletonPlugin,
):
    """Civic projects on a CKAN portal."""

    # IConfigDeclaration
    @override
    def declare_config_options(
        self, declaration: Declaration, key: Any
    ) -> None:
        startup.declare_options(declaration)

    # IConfigurer
    @override
    def update_config(self, config: CKANConfig) -> None:
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "ckanext-digifarm")
        # Of the plugins, the first comes last: scheming has loaded its files.
        fields.complete_words()

    # IConfigurable
    @override
    def configure(self, config: CKANConfig) -> None:
        startup.check(config)
        subjects.load_kinds()
        activity.register()

    # IMiddleware
    @override
    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        startup.check_tables(config)
        startup.keep_templates(app)
        nobody.install(app)
        return app

    # IFacets
    @override
    def dataset_facets(
        self, facets_dict: dict[str, str], package_type: str
    ) -> dict[str, str]:
        return search.facet_titles(facets_dict, package_type)

    # IOrganizationController; IGroupController, as core's actions for groups
    # take organisations too; and IPackageController
    @override
    def edit(self, entity: model.Group | model.Package) -> None:
        if isinstance(entity, model.Group) and entity.is_organization:
            reindex_published_later(entity.id)

    # IPackageController
    @override
    def after_dataset_create(
        self, context: Context, pkg_dict: dict[str, Any]
    ) -> None:
        pictures.store(context)

    @override
    def after_dataset_update(
        self, context: Context, pkg_dict: dict[str, Any]
    ) -> None:
        pictures.store(context)
        editing.tell(context.get("package"))

    @override
    def before_dataset_search(
        self, search_params: dict[str, Any]
    ) -> dict[str, Any]:
        return words.ask(search.hide_projects(search_params))

    @override
    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        return search.label_facets(search_results)

    @override
    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        pkg_dict = search.index_project(order.index_order(pkg_dict))
        return words.index_words(index.name_partners(pkg_dict))

    # ISignal
    @override
    def get_signal_subscriptions(self) -> SignalMapping:
        return {tk.signals.user_created: [point_back]}
