"""No page costs more, however much the portal has.

The pages are those of the benchmark, which says how long they take.
"""

from __future__ import annotations

import pytest

from ckan import model
from ckan.lib import search
from ckan.tests.helpers import changed_config
from dev.bench import content, pages
from dev.bench.portal import Portal, Visit
from dev.bench.sizes import Sizes
from dev.counting import counting

# What the header counts is part of the cost.
pytestmark = pytest.mark.usefixtures("whole_header")

#: So few that each list has one page.
FEW = Sizes(projects=8, partners=8, supports=8, tasks=8, events=8, shown=8)

#: So many that each list has several.
MANY = Sizes(
    projects=60, partners=50, supports=120, tasks=120, events=120, shown=45
)


@pytest.fixture(scope="module")
def portal(shared_app):
    option = "ckanext.digifarm.review_organization"
    with changed_config(option, "team"):
        content.fill(FEW)
        yield Portal(shared_app)


@pytest.fixture(scope="module")
def visits(portal) -> dict[str, tuple[Visit, Visit]]:
    """What each page costs who has been there; with few, with many."""
    for page in pages.PAGES:
        portal.visit(page)
    few = {page.name: portal.visit(page) for page in pages.PAGES}
    content.fill(MANY, with_people=False)
    return {
        page.name: (few[page.name], portal.visit(page)) for page in pages.PAGES
    }


@pytest.mark.parametrize("name", [page.name for page in pages.PAGES])
def test_a_page_costs_no_more(visits, name):
    few, many = visits[name]
    assert many.solr == few.solr
    assert many.sql == few.sql


def test_no_page_is_forgotten(shared_app):
    assert pages.forgotten(shared_app.flask_app) == []
    assert pages.gone(shared_app.flask_app) == []


def test_the_index_costs_a_statement_of_ours_for_each_project(portal):
    projects = model.Session.query(model.Package).filter_by(
        type="civic_project"
    )
    count = projects.count()
    with counting() as cost:
        search.rebuild(defer_commit=True, quiet=True)
    ours = [statement for statement in cost.sql if "digifarm_" in statement]
    assert len(ours) == count
