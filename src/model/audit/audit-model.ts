import type { Tensor } from '../../weights/safetensors-reader.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { bert, bertSizes } from '../backbones/bert.ts';
import { imagesInput, textInputs } from '../backbones/inputs.ts';
import { pooledFeatures } from '../encoders/visual-graph.ts';
import { PLAIN } from '../forms/plain.ts';
import { HEAD_GRAPHS, headGraph } from '../head/head.ts';
import { headSpec } from '../model.ts';
import type { ModelSpec } from '../model-spec.ts';
import { AuditedWeights } from './audited-weights.ts';
import { assertNoProblems } from './problems.ts';

type Parts = Omit<ModelSpec, 'files'>;

/** Buffers and unused layers that checkpoints hold beside what is computed with. */
const UNUSED = /(\.num_batches_tracked|\.position_ids|^text\.encoder\.pooler\..*)$/;

/**
 * Holds the weights of one file against the model that they are said to be: every key that its graphs ask for is there,
 * in shape, and finite; and there are no others.
 * @throws WeightsError with the list of what is missing, unexpected and misshapen, or not finite
 */
export function auditModel(file: string, tensors: ReadonlyMap<string, Tensor>, parts: Parts): void {
  const weights = new AuditedWeights(tensors);
  for (const build of builders(weights, parts)) tolerant(build);
  const { asked, missing, misshapen } = weights.audit;
  const unexpected = [...tensors.keys()].filter((key) => !asked.has(key) && !UNUSED.test(key));
  assertNoProblems(file, { missing, unexpected, misshapen });
  for (const key of asked.keys()) assertFinite(file, key, tensors.get(key)!);
}

function builders(weights: AuditedWeights, parts: Parts): (() => unknown)[] {
  const { vision, text } = parts;
  const images = imagesInput(vision.image_size);
  const { ids, mask } = textInputs();
  const visual = vision.backbones.map(({ encoder }) => () => {
    // The plain form asks for every weight; a fused one may do without some.
    if (encoder.kind !== 'onnx') pooledFeatures(weights.within(encoder.prefix), encoder, images, PLAIN);
  });
  const textual = () => {
    if (text.encoder.kind === 'onnx') return;
    const encoder = weights.within(text.encoder.prefix);
    bert(encoder, bertSizes(encoder, text.encoder.heads), ids, mask, PLAIN);
  };
  const head = HEAD_GRAPHS.map((graph) => () => headGraph(graph, weights, headSpec(parts)));
  return [...visual, textual, ...head];
}

/** A part whose very size is missing cannot be built: undefined; that key has been noted. */
export function tolerant<T>(build: () => T): T | undefined {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    return undefined;
  }
}

function assertFinite(file: string, key: string, { dtype, bytes }: Tensor): void {
  const finite =
    dtype === 'float16'
      ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2).every(
          (bits) => (bits & 0x7c00) !== 0x7c00,
        )
      : new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4).every(Number.isFinite);
  if (!finite) throw new WeightsError(`${file}: "${key}" holds a NaN or an infinity`);
}
