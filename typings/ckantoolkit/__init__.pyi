from ckan.plugins.toolkit import *  # noqa: F403
