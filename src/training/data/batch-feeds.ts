import { ort } from '../../onnxruntime/session.ts';
import type { CounterRandom } from '../../util/counter-random.ts';
import type { Dropout } from '../graphs/training-mode.ts';
import { RECONSTRUCTION_HEAD } from '../objectives/reconstruction.ts';
import type { Feeds } from '../stepper.ts';
import { COLUMNS, type Column } from './columns.ts';
import { drawHiddenPanels, drawShownModalities } from './masks.ts';
import type { TrainingPage, TrainingSet } from './training-set.ts';

export interface FeedOptions {
  readonly dropouts: readonly Dropout[];
  readonly dropout: number;
  readonly modalityDropout: number;
}

/** A batch as the graphs take it. @param random of this batch: what is hidden, dropped and shown */
export async function batchFeeds(
  trainingSet: TrainingSet,
  pages: readonly TrainingPage[],
  { dropouts, dropout, modalityDropout }: FeedOptions,
  random: (purpose: string) => CounterRandom,
): Promise<Feeds> {
  const columns = await trainingSet.read(pages);
  const counts = pages.map(({ rows }) => rows);
  const panelCount = counts.reduce((sum, count) => sum + count, 0);
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, column] of trimTokens(columns)) feeds[inputName(name)] = toTensor(column, panelCount);
  const hidden = drawHiddenPanels(counts, random('hidden'));
  const pageIndices = counts.flatMap((count, page) => new Array<bigint>(count).fill(BigInt(page)));
  feeds['page'] = new ort.Tensor('int64', BigInt64Array.from(pageIndices), [panelCount]);
  feeds['masked_rows'] = new ort.Tensor('int64', hidden.rows, [pages.length]);
  feeds['masked_counts'] = new ort.Tensor('float32', hidden.counts, [pages.length]);
  const present = feeds['present']!.data as Float32Array;
  const shown = drawShownModalities(present, modalityDropout, random('shown'));
  feeds['shown'] = new ort.Tensor('float32', shown, [panelCount, 3]);
  for (const { layer, width } of dropouts) {
    const rows = layer.startsWith(RECONSTRUCTION_HEAD) ? pages.length : panelCount;
    const mask = random(layer).dropout(rows * width, dropout);
    feeds[`dropout/${layer}`] = new ort.Tensor('float32', mask, [rows, width]);
  }
  return feeds;
}

/** What a column is called among the inputs of the graphs. */
function inputName(column: string): string {
  return INPUT_NAMES[column] ?? column;
}

const INPUT_NAMES: Readonly<Record<string, string>> = {
  [COLUMNS.text]: 'text_features',
  [COLUMNS.composition]: 'comp_feats',
  [COLUMNS.tokens]: 'input_ids',
  [COLUMNS.tokenMask]: 'attention_mask',
};

/** Texts as long as the longest of the batch: the rest is filling, which the encoder would look past at some cost. */
function trimTokens(columns: ReadonlyMap<string, Column>): ReadonlyMap<string, Column> {
  const mask = columns.get(COLUMNS.tokenMask);
  if (mask === undefined) return columns;
  const width = mask.shape[0]!;
  const maskValues = new BigInt64Array(mask.bytes.buffer);
  let maxLength = 1;
  for (const [i, maskValue] of maskValues.entries())
    if (maskValue === 1n) maxLength = Math.max(maxLength, (i % width) + 1);
  const trim = (column: Column): Column => {
    const rows = new BigInt64Array(column.bytes.buffer);
    const values = rows.filter((_, i) => i % width < maxLength);
    return { ...column, shape: [maxLength], bytes: new Uint8Array(values.buffer) };
  };
  const trimmed = [COLUMNS.tokens, COLUMNS.tokenMask].map((name) => [name, trim(columns.get(name)!)] as const);
  return new Map([...columns, ...trimmed]);
}

function toTensor({ dtype, shape, bytes }: Column, rows: number): ort.Tensor {
  const dims = [rows, ...shape];
  if (dtype === 'uint8') return new ort.Tensor('uint8', bytes, dims);
  if (dtype === 'int64') return new ort.Tensor('int64', new BigInt64Array(bytes.buffer), dims);
  return new ort.Tensor('float32', new Float32Array(bytes.buffer), dims);
}
