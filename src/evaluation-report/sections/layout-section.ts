import {
  CHECKED_VIEWS,
  type CheckedView,
  type ContenderResult,
  type EvaluationResult,
  type LeakageMeasures,
  type Measure,
} from '../../evaluation/evaluation-result.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { VIEW_LABELS } from '../labels.ts';
import { intervalPlot } from '../plots/interval-plot.ts';
import { contenderLegend, figure } from './figure.ts';

const LAYOUT_LABELS: Readonly<Record<keyof LeakageMeasures, string>> = {
  aspect: 'aspect',
  area: 'area',
  panel_count: 'panels on the page',
};

/** How much of a page's layout can be read from vectors. */
export function layoutSection({ contenders }: EvaluationResult): string {
  const rows = CHECKED_VIEWS.flatMap((view) =>
    (Object.keys(LAYOUT_LABELS) as (keyof LeakageMeasures)[]).map((layout) => ({
      label: `${LAYOUT_LABELS[layout]} from ${VIEW_LABELS[view]}`,
      measures: contenders.map((contender) => readLeakage(contender, view, layout)),
    })),
  );
  const reasons = [
    ...new Set(rows.flatMap(({ measures }) => measures.flatMap((m) => ('left_out' in m ? [m.left_out] : [])))),
  ];
  const series = contenders.map(({ name }) => name);
  const plot = intervalPlot({ label: 'R² of layouts by contender', axis: 'R²', rows, series });
  const caption = `${contenderLegend(contenders)}${reasons.length === 0 ? '' : `<p class="hint">Not measured: ${escapeHtml(reasons.join('; '))}.</p>`}`;
  return `<p>A regression predicts the layout of panels from their vectors, for books that it was not fitted on. 1: the vector gives the layout away; 0 and below: it tells nothing of it.</p>
${figure(plot, caption)}`;
}

function readLeakage({ leakage }: ContenderResult, view: CheckedView, layout: keyof LeakageMeasures): Measure {
  const measures = leakage[view];
  return 'left_out' in measures ? measures : measures[layout];
}
