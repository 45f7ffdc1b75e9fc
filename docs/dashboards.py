"""Write the dashboards as Grafana reads them: `python -m docs.dashboards charts/korrigo/files/dashboards`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.builders.common import GraphThresholdsStyleConfig
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import GraphTresholdsStyleMode
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
)

from docs.panels import BOARDS, Board, Panel

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
_RUNS = "max by (service, version) (korrigo_build_info%s)"
#: A version that runs now and did not a minute ago.
DEPLOYED = f"{_RUNS % ''} unless {_RUNS % ' offset 1m'}"


def built(name: str, board: Board) -> dashboard.Dashboard:
    """Lay out a dashboard: rows of three pictures or six figures."""
    made = (
        dashboard.Dashboard(f"Korrigo · {board.title}")
        .uid(f"korrigo-{name}")
        .tags(["korrigo"])
        .refresh("30s")
        .time("now-3h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("datasource").type("prometheus").label("Prometheus"))
        .annotation(_deployments())
    )
    for title, panels in board.rows.items():
        made = made.with_row(dashboard.Row(title))
        for panel in panels:
            made = made.with_panel(_picture(panel))
    return made


def _deployments() -> dashboard.AnnotationQuery:
    query = dashboard.AnnotationQuery().name("Deployments").datasource(SOURCE).enable(True)
    return query.icon_color("blue").expr(DEPLOYED)


def _picture(panel: Panel) -> Any:
    """Draw curves, or a figure that turns red; the two builders share what is used of them."""
    made: Any = stat.Panel().span(4).height(5) if panel.is_figure else timeseries.Panel().span(8).height(8)
    made = made.title(panel.title).unit(panel.unit).datasource(SOURCE).thresholds(_thresholds(panel))
    if not panel.is_figure:
        shown = GraphTresholdsStyleMode.OFF if panel.limit is None else GraphTresholdsStyleMode.DASHED
        made = made.fill_opacity(10).thresholds_style(GraphThresholdsStyleConfig().mode(shown))
    for number, (legend, query) in enumerate(panel.queries.items()):
        target = prometheus.Dataquery().ref_id(chr(ord("A") + number)).expr(query).legend_format(legend)
        made = made.with_target(target.exemplar("_bucket" in query))
    return made


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [Threshold(color="green")]
    if panel.limit is not None:
        steps.append(Threshold(value=panel.limit, color="red"))
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def main(folder: Path) -> None:
    """Write every dashboard into a folder."""
    for name, board in BOARDS.items():
        content = JSONEncoder(sort_keys=True, indent=1).encode(built(name, board).build())
        (folder / f"{name}.json").write_text(content + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
