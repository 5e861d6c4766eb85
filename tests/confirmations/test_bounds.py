"""How much is looked at where there are many questions."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ckan import model
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.counting import part_of

from ..looking import looked_at

pytestmark = pytest.mark.usefixtures("empty_portal")

#: Thirty wait for reviewers; as many look for somebody.
MANY = (
    sa.text(
        """
        INSERT INTO digifarm_confirmation (id, subject, subject_id, state,
            answer, asked, ticks, token_key, created, modified)
        SELECT n, 'project', n, CASE n % 100 WHEN 0 THEN 'undecided'
            WHEN 1 THEN 'searching' ELSE 'answered' END, '', now(), 0, '',
            now(), now()
        FROM generate_series(1, 3000) AS n
        """
    ),
    sa.text("ANALYZE digifarm_confirmation"),
)


@pytest.mark.parametrize(
    ("query", "most"),
    [
        # They are counted, and twenty are shown.
        (Confirmation.for_reviewers, 60 + 20),
        (Confirmation.undecided, 30 + 20),
    ],
)
def test_reviewers_find_theirs_by_an_index(query, most):
    def ask() -> None:
        part_of(query(), 20, 0)
        model.Session.rollback()

    assert looked_at(ask, *MANY) == {"digifarm_confirmation": most}
