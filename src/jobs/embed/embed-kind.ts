import type { JobKind } from '../job-kind.ts';
import { finishEmbed } from './embed-finish.ts';
import { embedPart } from './embed-part.ts';
import { planEmbed } from './embed-plan.ts';
import type { EmbedSpec } from './embed-spec.ts';

/** Every panel of a dataset as a store: an index, chunks of pages, and what joins them. */
export const embedKind: JobKind<EmbedSpec> = {
  phases: { plan: 'indexing', part: 'embedding', finish: 'finishing' },
  plan: planEmbed,
  part: embedPart,
  finish: finishEmbed,
};
