import { COLUMNS, type Column } from '../../training/data/columns.ts';
import type { TaskContext } from '../job-kind.ts';
import { cutOut } from '../pages/cut-out.ts';
import { readPage } from '../pages/read-page.ts';
import { asTrained } from './as-trained.ts';
import { trainedParts } from './model-parts.ts';
import { commonColumns, type RowReader } from './page-rows.ts';
import type { TrainSpec } from './train-spec.ts';

/** Panels as the encoders are fed them, where those are trained, too. All texts are filled up to one length. */
export async function trainedRows(
  spec: TrainSpec,
  { resources }: TaskContext,
  signal: AbortSignal,
): Promise<RowReader> {
  const base = await resources.served(spec.model.base);
  const parts = trainedParts(spec, base.model);
  const { tokenizer } = await asTrained(base, parts);
  const { image_size: size } = parts.vision;
  const { max_tokens: length } = parts.text;
  // An encoder needs something to look at: of a text that is not there, the empty one; the mask keeps it out where it should.
  const absent = tokenizer?.encode('').tokens ?? Int32Array.of(0);
  return {
    async read(entry) {
      const { bytes, panels } = await readPage(entry, spec.dataset, resources);
      const pixels = await cutOut(bytes, panels, () => true, size, resources, signal);
      const tokens = panels.map(({ text }) => (text === null ? undefined : tokenizer?.encode(text).tokens));
      const filled = tokens.map((ids) => fill(ids ?? absent, length));
      const hasText = tokens.map((ids) => ids !== undefined);
      const columns = new Map<string, Column>([
        [COLUMNS.pixels, { dtype: 'uint8', shape: [size, size, 3], bytes: Buffer.concat(pixels as Uint8Array[]) }],
        [
          COLUMNS.tokens,
          int64Column(
            filled.map(({ ids }) => ids),
            length,
          ),
        ],
        [
          COLUMNS.tokenMask,
          int64Column(
            filled.map(({ mask }) => mask),
            length,
          ),
        ],
        ...commonColumns(panels.map(({ composition }, at) => ({ composition, hasText: hasText[at]! }))),
      ]);
      return { count: panels.length, texts: hasText.filter(Boolean).length, columns };
    },
    async [Symbol.asyncDispose]() {},
  };
}

function fill(tokens: Int32Array, length: number): { ids: BigInt64Array; mask: BigInt64Array } {
  const [ids, mask] = [new BigInt64Array(length), new BigInt64Array(length)];
  for (const [at, token] of tokens.subarray(0, length).entries()) {
    ids[at] = BigInt(token);
    mask[at] = 1n;
  }
  return { ids, mask };
}

function int64Column(rows: readonly BigInt64Array[], length: number): Column {
  const values = new BigInt64Array(rows.length * length);
  for (const [at, row] of rows.entries()) values.set(row, at * length);
  return { dtype: 'int64', shape: [length], bytes: new Uint8Array(values.buffer) };
}
