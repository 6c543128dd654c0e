import { pino } from 'pino';
import type { Config } from '../../config.ts';
import type { PanelInput } from '../../embedding/panel-input.ts';
import { hasOnePlace, LABEL_PLACE, scoreLabels, type ZeroShotResult } from '../../embedding/zero-shot.ts';
import { PanelvecError } from '../../errors.ts';
import { createServices } from '../../services.ts';
import { type ImageSource, listImageSources, nameOfSource, readImageSource } from '../image-sources.ts';
import { createProgressBar } from '../progress-bar.ts';

export interface ZeroShotFlags {
  readonly label: readonly string[];
  readonly template: string;
}

/** Number of images that are read and scored at a time */
const IMAGES_PER_CHUNK = 32;

/** Scores labels against images and the pages of books with its own engine, and writes a JSON line for each. */
export async function zeroShotCommand(config: Config, files: readonly string[], flags: ZeroShotFlags): Promise<void> {
  if (!hasOnePlace(flags.template)) {
    const message = `--template ${JSON.stringify(flags.template)}: expected a text with one ${LABEL_PLACE}, where the label goes`;
    throw new PanelvecError('invalid_request', message);
  }
  const sources = await listImageSources(files);
  const log = pino({ level: 'error' }, pino.destination({ dest: 2, sync: true }));
  const services = await createServices(config, log);
  try {
    const served = services.models.find(undefined);
    const { spec } = served.model;
    const labels = flags.label.map((value) => ({ value, field: `--label ${JSON.stringify(value.slice(0, 40))}` }));
    const bar = createProgressBar('scoring', sources.length);
    const lines: string[] = [];
    try {
      for (let start = 0; start < sources.length; start += IMAGES_PER_CHUNK) {
        const chunk = sources.slice(start, start + IMAGES_PER_CHUNK);
        const images = await Promise.all(chunk.map((source) => readSource(source, config.maxImageBytes)));
        const result = await scoreLabels(services.embedder, served, { template: flags.template, labels, images });
        lines.push(...chunk.map((source, i) => toLine(source, result, i, served.model.id)));
        if (start === 0) warnOfLabels(result, (spec.zero_shot?.text ?? spec.text).max_tokens);
        bar.increment(chunk.length);
      }
    } finally {
      bar.stop();
    }
    process.stdout.write(lines.join(''));
  } finally {
    await services.pool.stop();
  }
}

async function readSource(source: ImageSource, maxImageBytes: number): Promise<PanelInput> {
  const field = nameOfSource(source);
  return { param: field, image: { bytes: await readImageSource(source, maxImageBytes), field } };
}

function toLine({ file, member }: ImageSource, { labels, pictures }: ZeroShotResult, index: number, model: string) {
  const { best, scores, cosines } = pictures[index] ?? { best: '', scores: [], cosines: [] };
  const byLabel = (values: readonly number[]) => Object.fromEntries(labels.map(({ label }, i) => [label, values[i]]));
  const line = { file, member: member?.name, model, label: best, scores: byLabel(scores), cosines: byLabel(cosines) };
  return `${JSON.stringify(line)}\n`;
}

/** Says on stderr which labels were not read wholly. */
function warnOfLabels({ labels }: ZeroShotResult, maxTokens: number): void {
  for (const { label, panel } of labels) {
    const { truncated = false, unknownTokens = 0 } = panel.reading ?? {};
    if (truncated) process.stderr.write(`label "${label}": only the first ${maxTokens} tokens were read\n`);
    if (unknownTokens > 0)
      process.stderr.write(`label "${label}": the vocabulary lacks ${unknownTokens} of its tokens\n`);
  }
}
