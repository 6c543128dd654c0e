import { formatNumber } from '../../report/format-number.ts';
import type { TrainingSummary } from '../../training/training-hooks.ts';
import type { TrainSpec } from './train-spec.ts';

/** The summary of a train job: that of its training, and the number of pages that could not be read. */
export type ReportedSummary = Omit<TrainingSummary, 'result'> & { readonly bad_pages: number };

/** What a model was trained on, and its metrics: name and value. */
export function trainingFacts(spec: TrainSpec, summary: ReportedSummary): [string, string][] {
  const { pages, panels, best, baseline } = summary;
  return [
    ['Base model', spec.model.base],
    ['Trained on', `${pages.training} pages, ${panels.training} panels`],
    ['Held out', `${pages.validation} pages, ${panels.validation} panels`],
    ['Left out', `${summary.bad_pages} pages that could not be read`],
    [
      'Epochs',
      `${summary.epochs} of ${spec.training.epochs}, ${summary.steps} steps, ${summary.skipped} of them passed over`,
    ],
    ['Result', describeResult(spec, summary)],
    ...Object.entries(best?.measures ?? {}).map(([name, value]): [string, string] => [
      name,
      `${formatNumber(value)} (before training ${formatNumber(baseline?.[name])})`,
    ]),
  ];
}

/** The README of a trained model. */
export function modelCard(spec: TrainSpec, summary: ReportedSummary): string {
  const rows = trainingFacts(spec, summary).map(([name, value]) => `| ${name} | ${value} |`);
  return `# ${spec.output}

${spec.description || 'A model trained by a job of panelvec.'}

| | |
|---|---|
${rows.join('\n')}

The metrics are those of the held-out pages. training.json holds the complete spec of the job.
`;
}

function describeResult({ training }: TrainSpec, { best }: Pick<TrainingSummary, 'best'>): string {
  if (best === null) return 'the last epoch';
  const epoch = best.epoch === 0 ? 'the head before the first step' : `epoch ${best.epoch}`;
  return `${epoch}, the best by ${training.best_by}`;
}
