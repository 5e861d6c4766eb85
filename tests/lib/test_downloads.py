"""Whatever can be taken along as a table, Excel opens by a click."""

from __future__ import annotations

import pytest

from ckan.tests import factories

#: Addresses of all tables that stand below a list or numbers.
TABLES = (
    "/civic_project/export.csv",
    "/civic_project/statistics/export.csv",
    "/organization/data-use/office/export.csv",
)


@pytest.fixture(scope="module")
def office(shared_app) -> None:
    """An organisation with what looks like formulas."""
    organization = factories.Organization(name="office")
    for type_ in ("dataset", "civic_project"):
        factories.Dataset(
            type=type_, owner_org=organization["id"], title="=1+1"
        )


def test_none_is_left_out(shared_app):
    rules = shared_app.flask_app.url_map.iter_rules()
    found = {
        rule.rule.replace("<id>", "office")
        for rule in rules
        if rule.rule.endswith("csv") and "digifarm" in rule.endpoint
    }
    assert found == {*TABLES}


@pytest.mark.parametrize("address", TABLES)
@pytest.mark.usefixtures("office")
def test_excel_is_told(address, shared_app):
    texts = {
        start: shared_app.get(start.format(address)).get_data().decode()
        for start in ("{}", "{}?excel=1", "/de{}?excel=1", "/de{}")
    }
    plain, english, german, also_plain = texts.values()
    assert english == f"\ufeff{plain}"
    header = plain.partition("\r\n")[0]
    assert german.startswith(f"\ufeff{header.replace(',', ';')}\r\n")
    assert also_plain.startswith(f"{header}\r\n")


@pytest.mark.parametrize("query", ["", "?excel=1"])
@pytest.mark.parametrize("address", [TABLES[0], TABLES[2]])
@pytest.mark.usefixtures("office")
def test_none_runs_formulas(address, query, shared_app):
    text = shared_app.get(f"{address}{query}").get_data().decode()
    assert "'=1+1" in text
    assert ",=1+1" not in text
