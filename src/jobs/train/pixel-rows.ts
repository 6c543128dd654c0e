import { COLUMNS, type Column } from '../../training/training-columns.ts';
import type { TaskContext } from '../job-kind.ts';
import { cropPanels } from '../pages/crop-panels.ts';
import { readPage } from '../pages/read-page.ts';
import { commonColumns, type RowReader } from './page-rows.ts';
import type { TrainSpec } from './train-spec.ts';
import { trainedModelParts } from './trained-model-parts.ts';
import { withMaxTokens } from './with-max-tokens.ts';

/** Reads pages for encoders that are trained: pixels, and tokens that are padded to one length. */
export async function openPixelRowReader(
  spec: TrainSpec,
  { resources }: TaskContext,
  signal: AbortSignal,
): Promise<RowReader> {
  const base = await resources.loadModel(spec.model.base);
  const parts = trainedModelParts(spec, base.model);
  const { tokenizer } = await withMaxTokens(base, parts.text.max_tokens);
  const { image_size: size, grid_views: gridViews } = parts.vision;
  const { max_tokens: length } = parts.text;
  // The encoder needs some input for an absent text: that of the empty text, which the present mask then leaves out.
  const emptyTokens = tokenizer?.encode('').tokens ?? Int32Array.of(0);
  return {
    async read(entry) {
      const { image, panels } = await readPage(entry, spec.dataset, resources);
      const crops = panels.map(({ crop }) => crop);
      const pixels = await cropPanels(image, crops, parts.vision, resources, signal);
      const readings = panels.map(({ text }) => (text === null ? undefined : tokenizer?.encode(text)));
      const tokens = readings.map((reading) => (reading?.isUnknown ? undefined : reading?.tokens));
      const padded = tokens.map((ids) => padTokens(ids ?? emptyTokens, length));
      const hasText = tokens.map((ids) => ids !== undefined);
      const withText = panels.map(({ composition }, i) => ({ composition, hasText: hasText[i] === true }));
      const columns = new Map<string, Column>([
        [COLUMNS.pixels, { dtype: 'uint8', shape: [gridViews, size, size, 3], bytes: Buffer.concat(pixels) }],
        [
          COLUMNS.tokens,
          int64Column(
            padded.map(({ ids }) => ids),
            length,
          ),
        ],
        [
          COLUMNS.tokenMask,
          int64Column(
            padded.map(({ mask }) => mask),
            length,
          ),
        ],
        ...commonColumns(withText),
      ]);
      return { count: panels.length, texts: hasText.filter(Boolean).length, columns };
    },
    async [Symbol.asyncDispose]() {},
  };
}

function padTokens(tokens: Int32Array, length: number): { ids: BigInt64Array; mask: BigInt64Array } {
  const [ids, mask] = [new BigInt64Array(length), new BigInt64Array(length)];
  for (const [i, token] of tokens.subarray(0, length).entries()) {
    ids[i] = BigInt(token);
    mask[i] = 1n;
  }
  return { ids, mask };
}

function int64Column(rows: readonly BigInt64Array[], length: number): Column {
  const values = new BigInt64Array(rows.length * length);
  for (const [i, row] of rows.entries()) values.set(row, i * length);
  return { dtype: 'int64', shape: [length], bytes: new Uint8Array(values.buffer) };
}
