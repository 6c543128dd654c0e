import { maxAffineOutputs } from '../../architectures/head/affine-head.ts';
import { toHeadSpec } from '../../model/model.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import { blockSizes } from '../../training/preparation/closed-form/closed-form-head.ts';
import type { TrainingOptions } from '../../training/training-spec.ts';
import { refuseField } from './refuse-field.ts';

/** Asserts that the head can start with a fit. @throws PanelvecError invalid_request with the param of a field that prevents it */
export function assertClosedFormFits(model: ModelDefinition, training: TrainingOptions): void {
  const { fusion_mode: mode, visual_fusion: fusion } = model.head;
  if (mode === 'reference')
    refuseField('training.initial_head', 'closed_form needs the fusion_mode present: absent modalities would leak in');
  if (!training.freeze_backbones)
    refuseField('training.initial_head', 'closed_form is fitted to features of frozen backbones: set freeze_backbones');
  if (fusion === 'attention' || fusion === 'gate')
    refuseField('model.visual_fusion', `a head with the fusion ${fusion} cannot be fitted in closed form: use concat`);
  const spec = toHeadSpec(model);
  const room = maxAffineOutputs(spec);
  const { picture, aligned } = blockSizes(spec, training.closed_form);
  if (picture + aligned > room || picture < 1 || aligned < 1) {
    const field = training.closed_form.picture_components === null ? 'aligned_components' : 'picture_components';
    const reason = `a vector of ${model.dimensions} numbers has room for ${room} components, at least one of each kind`;
    refuseField(`training.closed_form.${field}`, reason);
  }
}
