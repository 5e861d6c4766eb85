from __future__ import annotations

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column


class LinkedDataset(tk.BaseModel):
    """What was last seen of a dataset that projects are linked with.

    Without keys: links go with a dataset that is purged, and then nothing else
    knows whom that concerns. Nothing in it is personal.
    """

    __tablename__ = "digifarm_linked_dataset"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    name: Mapped[str] = mapped_column(sa.UnicodeText)
    title: Mapped[str] = mapped_column(sa.UnicodeText)
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    private: Mapped[bool]
    owner_org: Mapped[str | None] = mapped_column(sa.UnicodeText)
    url: Mapped[str] = mapped_column(sa.UnicodeText)
    #: By which harvesters know it again.
    identifiers: Mapped[list[str]] = mapped_column(ARRAY(sa.UnicodeText))
    #: Of its resources, in lower case.
    formats: Mapped[list[str]] = mapped_column(ARRAY(sa.UnicodeText))
    #: Ids of the projects that are linked with it, with the relations.
    projects: Mapped[dict[str, str]] = mapped_column(JSONB)
    #: What it seems to have lost, and when that was seen first; see
    #: comparing.py. As long as there is something, all the rest but `projects`
    #: is what it was before.
    missing: Mapped[dict[str, str]] = mapped_column(JSONB)
