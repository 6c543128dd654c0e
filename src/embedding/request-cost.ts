import { sumUnits } from '../inference/engine-types.ts';
import type { Priority } from '../inference/priority.ts';
import type { PageInput, PanelInput } from './panel-input.ts';
import type { PreparedPanel } from './panel-source.ts';
import type { ServedModel } from './served-model.ts';
import { decodeSeconds, estimateTokens, type WorkPrices } from './work-prices.ts';

/** A request for more panels is one of a program that works through many, unless it says otherwise. */
const MAX_INTERACTIVE_PANELS = 8;

export function defaultPriority(panels: number): Priority {
  return panels > MAX_INTERACTIVE_PANELS ? 'batch' : 'interactive';
}

/** Seconds of work of panels, before anything of them is decoded or tokenized. */
export function costOfPanels(prices: WorkPrices, served: ServedModel, inputs: readonly PanelInput[]): number {
  const { vision } = served.model.spec;
  return inputs.reduce((sum, { image, text }) => {
    const units = sumUnits(image ? vision.grid_views : 0, tokensOf(served, text));
    return sum + (image ? decodeSeconds(image.bytes.byteLength) : 0) + prices.inferenceSeconds(served.model.id, units);
  }, 0);
}

/** Seconds of work of pages, each of which is decoded once. */
export function costOfPages(prices: WorkPrices, served: ServedModel, inputs: readonly PageInput[]): number {
  const { id, spec } = served.model;
  return inputs.reduce((sum, { image, panels }) => {
    const units = panels.reduce((total, { text }) => {
      return total + sumUnits(spec.vision.grid_views, tokensOf(served, text ?? undefined));
    }, 0);
    return sum + decodeSeconds(image.byteLength) + prices.inferenceSeconds(id, units);
  }, 0);
}

/** Seconds of work of panels that callers have prepared themselves. */
export function costOfPrepared(prices: WorkPrices, served: ServedModel, panels: readonly PreparedPanel[]): number {
  const { id, spec } = served.model;
  const units = panels.reduce((sum, { pixels, tokens }) => {
    return sum + sumUnits(pixels === null ? 0 : spec.vision.grid_views, tokens?.length ?? 0);
  }, 0);
  return prices.inferenceSeconds(id, units);
}

function tokensOf({ model }: ServedModel, text: PanelInput['text']): number {
  return text === undefined ? 0 : estimateTokens(text.value.length, model.spec.text.max_tokens);
}
