from __future__ import annotations

from . import charts, showing


def digifarm_period(period: str) -> str:
    """A month or a year, as people read it."""
    return showing.period_label(period)


def digifarm_chart_size() -> dict[str, float]:
    """The size of the charts' drawings."""
    return {"width": charts.WIDTH, "height": charts.HEIGHT}
