import { bert, inferBertSizes } from '../../architectures/backbones/bert.ts';
import { imagesInput, textInputs } from '../../architectures/encoders/code-encoder.ts';
import { pooledFeatures } from '../../architectures/encoders/visual-graph.ts';
import { defineHeadGraph, HEAD_GRAPHS } from '../../architectures/head/head.ts';
import { STANDARD_LOWERING } from '../../architectures/lowering/standard-lowering.ts';
import { toHeadSpec } from '../../model/model.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { AuditedWeights, assertNoProblems, undefinedIfMissing } from './audited-weights.ts';

/** Buffers and unused layers in checkpoints that no graph needs. */
const UNUSED = /(\.num_batches_tracked|\.position_ids|^text\.encoder\.pooler\..*)$/;

/**
 * Compares the weights of a file with the definition of a model: each weight that the graphs need exists, has the right
 * shape and is finite, and there are no other weights.
 * @throws WeightsError with the missing, unexpected and misshapen keys, or the first that is not finite
 */
export function auditModel(file: string, tensors: ReadonlyMap<string, Tensor>, definition: ModelDefinition): void {
  const weights = new AuditedWeights(tensors);
  for (const build of graphBuilders(weights, definition)) undefinedIfMissing(build);
  const { requested, missing, misshapen } = weights.audit;
  const unexpected = [...tensors.keys()].filter((key) => !requested.has(key) && !UNUSED.test(key));
  assertNoProblems(file, { missing, unexpected, misshapen });
  for (const [key, tensor] of tensors) if (requested.has(key)) assertFinite(file, key, tensor);
}

function graphBuilders(weights: AuditedWeights, definition: ModelDefinition): (() => unknown)[] {
  const { vision, text } = definition;
  const images = imagesInput(vision.image_size);
  const { ids, mask } = textInputs();
  const visionBuilders = vision.backbones.map(({ encoder }) => () => {
    // The standard lowering needs every weight; a fused one may leave some out.
    if (encoder.kind !== 'onnx') pooledFeatures(weights.withPrefix(encoder.prefix), encoder, images, STANDARD_LOWERING);
  });
  const buildText = () => {
    if (text.encoder.kind === 'onnx') return;
    const encoder = weights.withPrefix(text.encoder.prefix);
    bert(
      encoder,
      inferBertSizes(encoder, text.encoder.heads),
      ids,
      mask,
      STANDARD_LOWERING,
      text.encoder.pooled_layers,
    );
  };
  const headBuilders = HEAD_GRAPHS.map((graph) => () => defineHeadGraph(graph, weights, toHeadSpec(definition)));
  return [...visionBuilders, buildText, ...headBuilders];
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
