import type { ContenderResult, EvaluationResult, PanelFacts, SplitFacts } from '../../evaluation/evaluation-result.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { MAX_SERIES, markerKey } from '../plots/marker.ts';
import { OTHER_COLOR, scatterPlot, seriesLook } from '../plots/scatter-plot.ts';
import { legend } from './figure.ts';

/** Maps of the stored vectors: one coloured by book, one by type of page where there are several. */
export function mapSection({ contenders, panels, split }: EvaluationResult): string {
  const mapped = contenders.flatMap(({ name, map }) => (map === null ? [] : [{ name, map }]));
  if (mapped.length === 0) return '<p>There is no map: there are too few panels.</p>';
  const panelsById = new Map(panels.map((panel) => [panel.id, panel]));
  const hasTypes = new Set(panels.map(({ page_type }) => page_type)).size > 1;
  const isPart = mapped.some(({ map }) => map.panels.length < panels.length);
  return `<p>Each point is the stored vector of a panel, laid out by UMAP. Near points are alike; directions, sizes and distances of far points mean nothing.${isPart ? describePart(split.kind) : ''}</p>
${coloredMaps('book', mapped, panelsById, ({ book }) => book)}
${hasTypes ? coloredMaps('type of page', mapped, panelsById, ({ page_type }) => page_type ?? 'unlabelled') : ''}`;
}

function describePart(kind: SplitFacts['kind']): string {
  return kind === 'folds'
    ? ' Where a contender was trained for each fold, its map has the panels of one: vectors of models that were trained apart cannot be on one map.'
    : ' Not all panels are on it, so that it stays legible.';
}

type NamedMap = { readonly name: string; readonly map: NonNullable<ContenderResult['map']> };

function coloredMaps(
  criterion: string,
  maps: readonly NamedMap[],
  panelsById: ReadonlyMap<string, PanelFacts>,
  groupOf: (panel: PanelFacts) => string,
): string {
  const groupsOf = ({ map }: NamedMap) =>
    map.panels.map((id) => {
      const panel = panelsById.get(id);
      return panel === undefined ? 'unknown' : groupOf(panel);
    });
  const series = mostFrequentFirst(maps.flatMap(groupsOf));
  const figures = maps.map((named) => {
    const { name, map } = named;
    const label = `Map of ${name} by ${criterion}`;
    const plot = scatterPlot({ label, x: map.x, y: map.y, groups: groupsOf(named), series });
    return `<figure>${plot}<figcaption>${escapeHtml(`${name}, ${map.panels.length} panels`)}</figcaption></figure>`;
  });
  return `<section><h3>By ${escapeHtml(criterion)}</h3>
<div class="maps">${figures.join('\n')}</div>
${mapLegend(series)}</section>`;
}

function mapLegend(series: readonly string[]): string {
  const isFull = series.length > MAX_SERIES;
  const named = isFull ? series.slice(0, MAX_SERIES - 1) : series;
  const entries = named.map((name, i) => ({ key: markerKey(seriesLook(i, series.length).shape), name }));
  const others = { key: markerKey(0, OTHER_COLOR), name: `${series.length - named.length} others` };
  return legend(isFull ? [...entries, others] : entries);
}

/** Where there are more series than looks, the small ones share one. */
function mostFrequentFirst(groups: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1);
  const names = [...counts.keys()].sort((a, b) => (a < b ? -1 : 1));
  if (names.length <= MAX_SERIES) return names;
  return names.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
}
