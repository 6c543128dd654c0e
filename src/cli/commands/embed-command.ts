import { pino } from 'pino';
import type { Config } from '../../config.ts';
import type { EmbeddedPanel, EmbedOptions } from '../../embedding/embedder.ts';
import type { PanelInput } from '../../embedding/panel-input.ts';
import { PanelvecError } from '../../errors.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { encodeNpy } from '../../files/npy.ts';
import type { Output } from '../../inference/engine-types.ts';
import { createServices } from '../../services.ts';
import { formatRows } from '../../util/format-rows.ts';
import { type ImageSource, listImageSources, nameOfSource, readImageSource } from '../image-sources.ts';
import { createProgressBar } from '../progress-bar.ts';

export interface EmbedFlags {
  readonly text?: readonly string[];
  readonly out?: string;
  readonly normalize: boolean;
  readonly dimensions?: string;
  readonly output: Output;
}

/** Input of one panel. */
interface EmbedSource {
  readonly image: ImageSource | null;
  readonly text: string | null;
}

/** Number of panels that are read and embedded at a time */
const PANELS_PER_CHUNK = 32;

/** Embeds images, the pages of books, and texts with its own engine: a row for each. Writes the output only if all panels succeed. */
export async function embedCommand(config: Config, files: readonly string[], flags: EmbedFlags): Promise<void> {
  const sources = pairSources(await listImageSources(files), flags.text ?? []);
  const format = outputFormat(flags.out);
  const log = pino({ level: 'error' }, pino.destination({ dest: 2, sync: true }));
  const services = await createServices(config, log);
  try {
    const served = services.models.find(undefined);
    const options: EmbedOptions = {
      outputs: [flags.output],
      normalize: flags.normalize,
      dimensions: parseDimensions(flags.dimensions, served.model.spec.dimensions),
    };
    const bar = createProgressBar('embedding', sources.length);
    const panels: EmbeddedPanel[] = [];
    try {
      for (let start = 0; start < sources.length; start += PANELS_PER_CHUNK) {
        const chunk = sources.slice(start, start + PANELS_PER_CHUNK);
        const inputs = await Promise.all(chunk.map((source) => readSource(source, config.maxImageBytes)));
        panels.push(...(await services.embedder.embedPanels(served, inputs, options)));
        bar.increment(chunk.length);
      }
    } finally {
      bar.stop();
    }
    const rows = panels.map((panel) => requireVector(panel, flags.output));
    const { id: model, space } = served.model;
    const toLine = (row: Float32Array, i: number) => {
      const { image = null, text = null } = sources[i] ?? {};
      const file = image?.file ?? null;
      const member = image?.member?.name;
      const { modalities, reading } = panels[i] ?? {};
      const { truncated = false, isUnknown: unknown_text = false } = reading ?? {};
      const line = {
        file,
        member,
        text,
        model,
        space,
        modalities,
        truncated,
        unknown_text,
        embedding: Array.from(row),
      };
      return `${JSON.stringify(line)}\n`;
    };
    const content = format === 'npy' ? encodeNpy(rows, options.dimensions) : rows.map(toLine).join('');
    await writeOutput(flags.out, content);
    warnOfTexts(panels, served.model.spec.text.max_tokens);
  } finally {
    await services.pool.stop();
  }
}

function pairSources(images: readonly ImageSource[], texts: readonly string[]): EmbedSource[] {
  if (images.length === 0 && texts.length === 0) {
    throw new PanelvecError('invalid_request', 'give files, --text, or both');
  }
  if (images.length === 0) return texts.map((text) => ({ image: null, text }));
  if (texts.length > 0 && texts.length !== images.length) {
    throw new PanelvecError(
      'invalid_request',
      `${images.length} images and ${texts.length} texts: give one --text for each image, or none`,
    );
  }
  return images.map((image, i) => ({ image, text: texts[i] ?? null }));
}

function outputFormat(out: string | undefined): 'npy' | 'jsonl' {
  if (out === undefined || out.endsWith('.jsonl')) return 'jsonl';
  if (out.endsWith('.npy')) return 'npy';
  throw new PanelvecError('invalid_request', `--out ${out}: the name must end in .npy or .jsonl`);
}

function parseDimensions(text: string | undefined, max: number): number {
  const dimensions = text === undefined ? max : Number(text);
  if (Number.isInteger(dimensions) && dimensions > 0 && dimensions <= max) return dimensions;
  throw new PanelvecError('invalid_request', `--dimensions ${text}: expected 1 to ${max}`);
}

async function readSource({ image, text }: EmbedSource, maxImageBytes: number): Promise<PanelInput> {
  const textInput = text === null ? undefined : { value: text, field: `--text ${JSON.stringify(text.slice(0, 40))}` };
  if (image === null) return { param: '--text', text: textInput };
  const name = nameOfSource(image);
  return { param: name, image: { bytes: await readImageSource(image, maxImageBytes), field: name }, text: textInput };
}

function requireVector({ vectors }: EmbeddedPanel, output: Output): Float32Array {
  const vector = vectors[output];
  if (!vector) throw new PanelvecError('invalid_request', `--output ${output}: a panel has no such vector`);
  return vector;
}

/** Says on stderr which texts were not read, or not to their end: an array of vectors cannot. */
function warnOfTexts(panels: readonly EmbeddedPanel[], maxTokens: number): void {
  const warnings: readonly [problem: string, hasProblem: (panel: EmbeddedPanel) => boolean][] = [
    [`only the first ${maxTokens} tokens were read`, ({ reading }) => reading?.truncated === true],
    ['the vocabulary has no word of it, so it counts as absent', ({ reading }) => reading?.isUnknown === true],
  ];
  for (const [problem, hasProblem] of warnings) {
    const rows = panels.flatMap((panel, row) => (hasProblem(panel) ? [row] : []));
    if (rows.length > 0) process.stderr.write(`text of row ${formatRows(rows)}: ${problem}\n`);
  }
}

async function writeOutput(out: string | undefined, content: Buffer | string): Promise<void> {
  if (out === undefined) process.stdout.write(content);
  else await writeFileAtomic(out, content);
}
