import {
  LegendDisplayMode,
  LegendPlacement,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { DashboardDescription, PanelDescription } from './dashboard-description.ts';

/** Grafana's grid has 24 columns: three panels beside each other. */
const PANEL_COLUMNS = 8;
const PANEL_HEIGHT = 8;
const TAG = 'panelvec';
/** Whichever data source the viewer chooses: the dashboards are also imported where Grafana was there before. */
const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` };

/** A dashboard in the JSON that Grafana reads. */
export function buildDashboard({ id, title, description, rows }: DashboardDescription): object {
  const builder = new DashboardBuilder(title)
    .uid(id)
    .description(description)
    .tags([TAG])
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('panelvec')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true)
        .includeVars(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(labelVariable('job', 'panelvec_ready'))
    .withVariable(labelVariable('instance', 'panelvec_ready{job=~"$job"}'));
  let nextId = 1;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(nextId++));
    for (const panel of row.panels) builder.withPanel(buildPanel(panel).id(nextId++));
  }
  const dashboard = builder.build();
  // The default of the builder hides links in a menu.
  for (const link of dashboard.links ?? []) delete link.placement;
  return dashboard;
}

function labelVariable(name: string, metric: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(name)
    .datasource(DATASOURCE)
    .query({ query: `label_values(${metric}, ${name})`, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}

function buildPanel({ title, description, unit, queries, isStacked = false, max }: PanelDescription): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .span(PANEL_COLUMNS)
    .height(PANEL_HEIGHT)
    .datasource(DATASOURCE)
    .fillOpacity(isStacked ? 20 : 0)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  // A cosine may be negative; nothing else is.
  if (unit !== 'none') panel.min(0);
  if (max !== undefined) panel.max(max);
  if (isStacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  for (const [i, [legend, expr]] of Object.entries(queries).entries()) {
    const refId = String.fromCharCode('A'.charCodeAt(0) + i);
    panel.withTarget(
      new DataqueryBuilder().refId(refId).expr(expr).legendFormat(legend).range().datasource(DATASOURCE),
    );
  }
  return panel;
}
