import { type ContenderResult, type EvaluationResult, VIEWS } from '../../evaluation/evaluation-result.ts';
import { MODALITIES } from '../../model/modality.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { htmlTable } from '../../report/html-table.ts';
import { LeftOutReasons } from '../format-measure.ts';
import { gateColor, gatePlot } from '../plots/gate-plot.ts';
import { figure, legend } from './figure.ts';

/** What the gate gives each modality, and how near a vector of some modalities is to that of all. */
export function gateSection({ contenders }: EvaluationResult): string {
  const gates = contenders.flatMap(({ name, gate }) =>
    gate === null ? [] : [{ name, weights: Object.entries(gate) }],
  );
  const figures = gates
    .filter(({ weights }) => weights.length > 0)
    .map(
      ({ name, weights }) =>
        `<section><h3>${escapeHtml(name)}</h3>\n${figure(gatePlot({ label: `Gate weights of ${name}`, weights }))}</section>`,
    );
  const key = legend(
    MODALITIES.map((name, i) => ({
      key: `<span class="swatch" style="background:${gateColor(i)}"></span>`,
      name,
    })),
  );
  const plots =
    figures.length === 0
      ? '<p>No contender has a gate.</p>'
      : `<p>Mean weights of the gate by what a panel has, in the order ${MODALITIES.join(', ')}. A modality that is absent should have none.</p>\n${key}\n${figures.join('\n')}`;
  return `${plots}\n${ablationTable(contenders)}`;
}

function ablationTable(contenders: readonly ContenderResult[]): string {
  const reasons = new LeftOutReasons();
  const views = VIEWS.filter((view) => contenders.some(({ ablation }) => ablation[view] !== undefined));
  if (views.length === 0) return '';
  const rows = views.map((view) => ({
    header: escapeHtml(view.replaceAll('_', ' ')),
    cells: contenders.map(({ ablation }) =>
      reasons.cell(ablation[view] ?? { left_out: 'the contender has no such view' }),
    ),
  }));
  const columns = ['view', ...contenders.map(({ name }) => name)];
  return `${htmlTable({ caption: 'Mean cosine of a view to the stored vector', columns, rows })}\n${reasons.list()}`;
}
