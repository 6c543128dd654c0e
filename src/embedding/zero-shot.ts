import { PanelvecError } from '../errors.ts';
import type { EngineOutput } from '../inference/engine-types.ts';
import { DEFAULT_ZERO_SHOT, type Scoring, type ZeroShotSpec } from '../model/zero-shot-spec.ts';
import { normalizeText } from '../preprocess/normalize-text.ts';
import { dotProduct } from '../util/vectors.ts';
import type { WorkOptions } from './admitted-work.ts';
import type { EmbeddedPanel, Embedder, EmbedOptions } from './embedder.ts';
import { EventLoopYielder } from './event-loop-yielder.ts';
import type { PanelInput } from './panel-input.ts';
import type { PanelQuota } from './panel-quota.ts';
import type { ServedModel } from './served-model.ts';
import { assertTextNotBlank, type TextField, type Truncation } from './text-checks.ts';

/** Where a label stands in a template */
export const LABEL_PLACE = '{}';

export function hasOnePlace(template: string): boolean {
  return template.split(LABEL_PLACE).length === 2;
}

export interface ZeroShotInput extends WorkOptions {
  readonly labels: readonly TextField[];
  /** A sentence with `{}` in the place of the label */
  readonly template: string;
  /** Panels of a picture alone */
  readonly images: readonly PanelInput[];
  readonly truncation?: Truncation | undefined;
  readonly quota?: PanelQuota | undefined;
}

/** A label as it was read. */
export interface ReadLabel {
  readonly label: string;
  /** The label in its template */
  readonly text: string;
  readonly panel: EmbeddedPanel;
}

/** The scores and cosines of a picture, one for each label, and the label that scores best. */
export interface PictureScores {
  readonly best: string;
  readonly scores: readonly number[];
  readonly cosines: readonly number[];
}

export interface ZeroShotResult {
  readonly scoring: ZeroShotSpec;
  readonly labels: readonly ReadLabel[];
  readonly pictures: readonly PictureScores[];
}

/**
 * Scores labels against pictures: their cosines, and what the model's scoring makes of these. What is compared are fused vectors,
 * or the features of the two encoders that a model has for this.
 * @throws PanelvecError naming the field of a label or picture that cannot be used
 */
export async function scoreLabels(
  embedder: Embedder,
  served: ServedModel,
  { labels, template, images, truncation, quota, ...workOptions }: ZeroShotInput,
): Promise<ZeroShotResult> {
  const { spec } = served.model;
  const scoring = spec.zero_shot ?? DEFAULT_ZERO_SHOT;
  const output: EngineOutput = scoring.text ? 'zero_shot' : 'fused';
  const reader = scoring.text ? { ...served, tokenizer: served.labelTokenizer } : served;
  const options: EmbedOptions = {
    outputs: [output],
    dimensions: scoring.text?.features ?? spec.dimensions,
    normalize: true,
    truncation,
    quota,
    ...workOptions,
  };
  // In a template, an empty label would be a text like any other.
  for (const label of labels) assertTextNotBlank(label);
  const texts = labels.map(({ value, field }) => ({ value: template.split(LABEL_PLACE).join(value), field }));
  const textPanels = texts.map((text): PanelInput => ({ param: text.field, text }));
  // Labels come first: one that is refused costs no decoding. This also bounds their length.
  const labelPanels = await embedder.embedPanels(reader, textPanels, options);
  if (template !== LABEL_PLACE) await assertLabelsKnown(reader, labels);
  await assertDistinct(reader, texts);
  const labelVectors = labelPanels.map((panel) => requireVector(panel, output));
  const imagePanels = await embedder.embedPanels(reader, images, options);
  const yielder = new EventLoopYielder();
  const pictures: PictureScores[] = [];
  for (const panel of imagePanels) {
    await yielder.yieldIfDue();
    const vector = requireVector(panel, output);
    const cosines = labelVectors.map((labelVector) => dotProduct(vector, labelVector));
    const scores = toScores(cosines, scoring);
    pictures.push({ best: labels[cosines.indexOf(Math.max(...cosines))]?.value ?? '', scores, cosines });
  }
  return {
    scoring,
    labels: labelPanels.map((panel, i) => ({
      label: labels[i]?.value ?? '',
      text: texts[i]?.value ?? '',
      panel,
    })),
    pictures,
  };
}

/** Scores of the cosines of one picture with all labels. */
export function toScores(cosines: readonly number[], { kind, temperature, bias }: Scoring): number[] {
  const logits = cosines.map((cosine) => cosine / temperature + bias);
  if (kind === 'sigmoid') return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
  const maxLogit = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - maxLogit));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * Refuses labels that the model reads alike, because they would share a score: the same words twice, words that differ only in
 * what the vocabulary lacks, or after the limit of tokens.
 */
async function assertDistinct({ tokenizer }: ServedModel, labels: readonly TextField[]): Promise<void> {
  const fields = new Map<string, string>();
  const yielder = new EventLoopYielder();
  for (const { value, field } of labels) {
    await yielder.yieldIfDue();
    const tokens = tokenizer?.encode(value).tokens.join() ?? normalizeText(value);
    const earlier = fields.get(tokens);
    if (earlier !== undefined)
      throw new PanelvecError('invalid_request', `the model reads the same words here as in ${earlier}`, {
        param: field,
      });
    fields.set(tokens, field);
  }
}

/** Refuses a label of which only its template would be read: all such labels would have one vector. */
async function assertLabelsKnown({ tokenizer }: ServedModel, labels: readonly TextField[]): Promise<void> {
  const yielder = new EventLoopYielder();
  for (const { value, field } of labels) {
    await yielder.yieldIfDue();
    if (!tokenizer?.encode(value).isUnknown) continue;
    throw new PanelvecError('text_unsupported', "the model's vocabulary has no word of this label", { param: field });
  }
}

function requireVector({ vectors }: EmbeddedPanel, output: EngineOutput): Float32Array {
  const vector = vectors[output];
  if (!vector) throw new PanelvecError('internal', `the panel has no ${output} vector`);
  return vector;
}
