import { isDeepStrictEqual } from 'node:util';
import { type Model, toHeadSpec } from '../../model/model.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import type { ZeroShotSpec } from '../../model/zero-shot-spec.ts';
import { assertClosedFormFits } from './assert-closed-form-fits.ts';
import { refuseField } from './refuse-field.ts';
import { NO_TRANSFORM, type TrainRequest } from './train-spec.ts';

/** The file of the trained head. */
export const HEAD_FILE = 'head.safetensors';

/**
 * The definition of the trained model: the encoders of the base, and a head as requested.
 * @throws PanelvecError invalid_request with the param of a field that contradicts the base or another field
 */
export function trainedModelParts(request: TrainRequest, base: Model): ModelDefinition {
  const { model, training, output } = request;
  const { files: _, golden: __, ...spec } = base.spec;
  const backbones = selectBackbones(model.visual_backbone, base);
  const dimensions = model.feature_dim ?? spec.dimensions;
  const maxTokens = model.max_text_length ?? spec.text.max_tokens;
  if (maxTokens > spec.text.max_tokens) {
    refuseField('model.max_text_length', `the text encoder of ${base.id} takes ${spec.text.max_tokens} tokens`);
  }
  if (model.image_size !== null && model.image_size !== spec.vision.image_size) {
    refuseField('model.image_size', `the encoders of ${base.id} take pictures of ${spec.vision.image_size} pixels`);
  }
  const parts: ModelDefinition = {
    ...spec,
    name: output,
    version: 1,
    description: request.description || `A head on the encoders of ${base.id}, trained by a job`,
    dimensions,
    vision: { ...spec.vision, backbones },
    text: { ...spec.text, max_tokens: maxTokens },
    zero_shot: selectZeroShot(backbones, training, base),
    head: {
      weights: HEAD_FILE,
      visual_fusion: selectFusion(model.visual_fusion, backbones.length, base),
      modality_indicators: model.use_modality_indicators ?? spec.head.modality_indicators,
      fusion_mode: model.fusion_mode ?? spec.head.fusion_mode,
      ...selectTransforms(model, base),
    },
  };
  assertCompatible(parts, training, base);
  return parts;
}

function selectBackbones(name: string | null, { spec, id }: Model) {
  const { backbones } = spec.vision;
  if (name === null) return backbones;
  const knownNames = backbones.map((backbone) => `"${backbone.name}"`).join(' and ');
  if (name === 'both') {
    return backbones.length > 1
      ? backbones
      : refuseField('model.visual_backbone', `${id} has one backbone alone, ${knownNames}`);
  }
  const selected = backbones.filter((backbone) => backbone.name === name);
  return selected.length > 0
    ? selected
    : refuseField('model.visual_backbone', `${id} has no backbone "${name}", but ${knownNames}`);
}

function selectFusion(requested: ModelDefinition['head']['visual_fusion'] | null, backbones: number, base: Model) {
  const baseFusion = base.spec.head.visual_fusion;
  if (backbones === 1) {
    if (requested !== null && requested !== 'single')
      refuseField('model.visual_fusion', `"${requested}" fuses two backbones, and there is one`);
    return 'single';
  }
  if (requested === 'single') refuseField('model.visual_fusion', '"single" is for one backbone, and there are two');
  return requested ?? (baseFusion === 'single' ? 'attention' : baseFusion);
}

function selectTransforms(
  { vision_transform: vision, text_transform: text }: TrainRequest['model'],
  { spec: { head } }: Model,
): Pick<ModelDefinition['head'], 'vision_transform' | 'text_transform'> {
  const [visionTransform, textTransform] = [vision ?? head.vision_transform, text ?? head.text_transform];
  return {
    ...(visionTransform && visionTransform !== NO_TRANSFORM && { vision_transform: visionTransform }),
    ...(textTransform && textTransform !== NO_TRANSFORM && { text_transform: textTransform }),
  };
}

/** The encoders that the base has for labels, where the trained model keeps their backbone as it is. */
function selectZeroShot(
  backbones: ModelDefinition['vision']['backbones'],
  { freeze_backbones: isFrozen, temperature }: TrainRequest['training'],
  { spec }: Model,
): ZeroShotSpec {
  const { zero_shot: zeroShot } = spec;
  const isKept = isFrozen && backbones.some(({ name }) => name === zeroShot?.text?.backbone);
  return zeroShot && isKept ? zeroShot : { kind: 'softmax', temperature, bias: 0 };
}

function assertCompatible(parts: ModelDefinition, training: TrainRequest['training'], base: Model): void {
  const { weights } = training;
  if (training.initial_head === 'closed_form') assertClosedFormFits(parts, training);
  else if (training.epochs === 0)
    refuseField('training.epochs', 'only a head with the initial_head closed_form can do without a step');
  if (Object.values(weights).every((weight) => weight === 0))
    refuseField('training.weights', 'all objectives have the weight 0');
  if (parts.head.fusion_mode === 'reference') {
    const reason = 'absent modalities leak into the fused vector in reference mode: fusion_mode must be present';
    if (weights.fused_alignment > 0) refuseField('training.weights.fused_alignment', reason);
    if (training.modality_dropout > 0) refuseField('training.modality_dropout', reason);
  }
  if (!training.freeze_backbones) {
    const reason = 'needs features of frozen encoders: set freeze_backbones to true';
    if (training.views > 0) refuseField('training.views', `a training with views ${reason}`);
    if (training.texts === 'drawn') refuseField('training.texts', `a training with drawn texts ${reason}`);
    if (parts.head.vision_transform === 'signed_sqrt') {
      const reason = 'signed_sqrt has no finite gradient at 0: trained backbones need the vision_transform none';
      refuseField('training.freeze_backbones', reason);
    }
    const onnxEncoder = [...parts.vision.backbones, parts.text].find(({ encoder }) => encoder.kind === 'onnx');
    if (onnxEncoder)
      refuseField('training.freeze_backbones', `the encoders of ${base.id} are ONNX files and cannot be trained`);
  } else if (training.backbone_learning_rate !== null) {
    refuseField(
      'training.backbone_learning_rate',
      'frozen backbones have no learning rate: set freeze_backbones to false',
    );
  }
  if (training.micro_batch_size !== null && training.micro_batch_size > training.batch_size) {
    refuseField(
      'training.micro_batch_size',
      `${training.micro_batch_size} is more than the batch of ${training.batch_size}`,
    );
  }
  if (training.min_learning_rate !== null && training.min_learning_rate > training.learning_rate) {
    refuseField(
      'training.min_learning_rate',
      `${training.min_learning_rate} is more than the learning rate of ${training.learning_rate}`,
    );
  }
  if (training.epochs > 0 && training.warmup_epochs > training.epochs) {
    refuseField(
      'training.warmup_epochs',
      `${training.warmup_epochs} epochs of warm-up are more than the ${training.epochs} of the training`,
    );
  }
  if (training.initial_head === 'base' && !isDeepStrictEqual(toHeadSpec(parts), toHeadSpec(base.spec))) {
    refuseField('training.initial_head', `the head of ${base.id} has another shape than the one that is asked for`);
  }
}
