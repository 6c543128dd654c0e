import { bert, inferBertSizes } from '../../architectures/backbones/bert.ts';
import { imagesInput, textInputs } from '../../architectures/backbones/encoder-inputs.ts';
import { pooledFeatures } from '../../architectures/encoders/visual-graph.ts';
import { defineHeadGraph, HEAD_GRAPHS } from '../../architectures/head/head.ts';
import { STANDARD_LOWERING } from '../../architectures/lowering/standard-lowering.ts';
import { toHeadSpec } from '../../model/model.ts';
import type { ModelSpec } from '../../model/model-spec.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { assertNoProblems } from './assert-no-problems.ts';
import { AuditedWeights } from './audited-weights.ts';

type ModelDefinition = Omit<ModelSpec, 'files'>;

/** Buffers and unused layers that checkpoints hold beside what is computed with. */
const UNUSED = /(\.num_batches_tracked|\.position_ids|^text\.encoder\.pooler\..*)$/;

/**
 * Holds the weights of one file against the model that they are said to be: every key that its graphs ask for is there,
 * in shape, and finite; and there are no others.
 * @throws WeightsError with the list of what is missing, unexpected and misshapen, or not finite
 */
export function auditModel(file: string, tensors: ReadonlyMap<string, Tensor>, definition: ModelDefinition): void {
  const weights = new AuditedWeights(tensors);
  for (const build of graphBuilders(weights, definition)) undefinedIfMissing(build);
  const { requested, missing, misshapen } = weights.audit;
  const unexpected = [...tensors.keys()].filter((key) => !requested.has(key) && !UNUSED.test(key));
  assertNoProblems(file, { missing, unexpected, misshapen });
  for (const key of requested.keys()) assertFinite(file, key, tensors.get(key)!);
}

function graphBuilders(weights: AuditedWeights, definition: ModelDefinition): (() => unknown)[] {
  const { vision, text } = definition;
  const images = imagesInput(vision.image_size);
  const { ids, mask } = textInputs();
  const visionBuilders = vision.backbones.map(({ encoder }) => () => {
    // The plain form asks for every weight; a fused one may do without some.
    if (encoder.kind !== 'onnx') pooledFeatures(weights.withPrefix(encoder.prefix), encoder, images, STANDARD_LOWERING);
  });
  const buildText = () => {
    if (text.encoder.kind === 'onnx') return;
    const encoder = weights.withPrefix(text.encoder.prefix);
    bert(encoder, inferBertSizes(encoder, text.encoder.heads), ids, mask, STANDARD_LOWERING);
  };
  const headBuilders = HEAD_GRAPHS.map((graph) => () => defineHeadGraph(graph, weights, toHeadSpec(definition)));
  return [...visionBuilders, buildText, ...headBuilders];
}

/** A part whose very size is missing cannot be built: undefined; that key has been noted. */
export function undefinedIfMissing<T>(build: () => T): T | undefined {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    return undefined;
  }
}

function assertFinite(file: string, key: string, { dtype, bytes }: Tensor): void {
  const allFinite =
    dtype === 'float16'
      ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2).every(
          (bits) => (bits & 0x7c00) !== 0x7c00,
        )
      : new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4).every(Number.isFinite);
  if (!allFinite) throw new WeightsError(`${file}: "${key}" holds a NaN or an infinity`);
}
