import { ort } from '../../onnxruntime/session.ts';
import { float32View } from '../../weights/tensor.ts';
import type { TrainingPage, TrainingSet } from '../data/training-set.ts';
import { columnInput, dropoutInput } from '../graph-inputs.ts';
import { COLUMNS, type Column, readFloats } from '../training-columns.ts';
import { type DrawOptions, drawInputs } from './drawn-inputs.ts';
import { drawMasks, type MaskOptions } from './masks.ts';

/** Inputs of a session, by name. */
export type Feeds = Readonly<Record<string, ort.Tensor>>;

export type FeedOptions = MaskOptions & DrawOptions;

/**
 * The inputs of the training graphs for some pages: their columns with what is drawn in place of others, and masks.
 * @param randomKeys what the random numbers of this batch are for: seed and step, for example
 */
export async function batchFeeds(
  trainingSet: TrainingSet,
  pages: readonly TrainingPage[],
  options: FeedOptions,
  randomKeys: readonly (number | string)[],
): Promise<Feeds> {
  const usualColumns = await trainingSet.read(pages);
  await drawInputs(trainingSet, pages, usualColumns, options, randomKeys);
  const columns = trimTokens(usualColumns);
  const panelCounts = pages.map(({ rows }) => rows);
  const panelCount = panelCounts.reduce((sum, count) => sum + count, 0);
  const present = readFloats(columns, COLUMNS.present);
  const masks = drawMasks(panelCounts, present, options, randomKeys);
  const pageIndices = panelCounts.flatMap((count, page) => new Array<bigint>(count).fill(BigInt(page)));
  return {
    ...Object.fromEntries([...columns].map(([name, column]) => [columnInput(name), toTensor(column, panelCount)])),
    page: new ort.Tensor('int64', BigInt64Array.from(pageIndices), [panelCount]),
    masked_rows: new ort.Tensor('int64', masks.hidden.rows, [pages.length]),
    masked_counts: new ort.Tensor('float32', masks.hidden.counts, [pages.length]),
    shown: new ort.Tensor('float32', masks.shown, [panelCount, 3]),
    ...Object.fromEntries(
      masks.dropouts.map(({ layer, dims, mask }) => [dropoutInput(layer), new ort.Tensor('float32', mask, dims)]),
    ),
  };
}

/** Cuts all texts to the longest of the batch: the encoder would compute the padding, and then ignore it. */
function trimTokens(columns: ReadonlyMap<string, Column>): ReadonlyMap<string, Column> {
  const mask = columns.get(COLUMNS.tokenMask);
  const tokens = columns.get(COLUMNS.tokens);
  if (mask === undefined || tokens === undefined) return columns;
  const [width = 0] = mask.shape;
  let maxLength = 1;
  for (const [i, value] of toBigInt64Array(mask).entries())
    if (value === 1n) maxLength = Math.max(maxLength, (i % width) + 1);
  const trim = (column: Column): Column => {
    const values = toBigInt64Array(column).filter((_, i) => i % width < maxLength);
    return { ...column, shape: [maxLength], bytes: new Uint8Array(values.buffer) };
  };
  return new Map([...columns, [COLUMNS.tokens, trim(tokens)], [COLUMNS.tokenMask, trim(mask)]]);
}

function toTensor(column: Column, rows: number): ort.Tensor {
  const dims = [rows, ...column.shape];
  if (column.dtype === 'uint8') return new ort.Tensor('uint8', column.bytes, dims);
  if (column.dtype === 'int64') return new ort.Tensor('int64', toBigInt64Array(column), dims);
  return new ort.Tensor('float32', float32View(column), dims);
}

/** The training set reads columns into memory of their own, so that their bytes begin at its beginning. */
function toBigInt64Array({ bytes }: Column): BigInt64Array {
  return new BigInt64Array(bytes.buffer);
}
