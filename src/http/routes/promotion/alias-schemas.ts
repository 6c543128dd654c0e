import { z } from 'zod';
import { DEFAULT_ALIAS } from '../../../embedding/served-models.ts';
import type { AliasView } from '../../../promotion/alias-view.ts';
import type { ActivationOptions } from '../../../promotion/promotions.ts';

const aliasNameSchema = z
  .string()
  .default(DEFAULT_ALIAS)
  .describe('The name that requests use; `default` is what those without a model use');

const marginsSchema = z
  .record(z.string(), z.number().min(0))
  .default({})
  .describe(
    'How much worse a measure may be, by its name; adds measures to those that are compared, or changes their margin',
  );

export const activationSchema = z.strictObject({
  alias: aliasNameSchema,
  require: z
    .strictObject({
      evaluation: z.uuid().describe('Id of an evaluate job that measured both models'),
      no_worse_than: z.string().default('active').describe('The model to compare with: `active`, or an id'),
      margins: marginsSchema,
    })
    .optional()
    .describe('An evaluation that the model must pass'),
  canary: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe('Share of the requests that the model gets as a canary; without it, the model becomes the active one'),
  force: z
    .boolean()
    .default(false)
    .describe('Activate the model although collections lose theirs, or although the canary has another space'),
});
export const rollbackSchema = z.strictObject({ alias: aliasNameSchema });

const canarySchema = z.strictObject({
  id: z.string(),
  model: z.string(),
  share: z.number().describe('Share of the requests, from 0 to 1'),
  started_at: z.string(),
});
const endedCanarySchema = z.strictObject({ model: z.string(), ended_at: z.string(), reason: z.string() });
export const aliasSchema = z
  .strictObject({
    object: z.literal('alias'),
    alias: z.string(),
    model: z.string().describe('The active model'),
    previous: z.string().nullable().describe('The model that a rollback brings back'),
    previous_warm: z.boolean().describe('Whether it is still loaded, so that a rollback takes no time'),
    canary: canarySchema.nullable().describe('A model that gets a share of the requests'),
    last_canary: endedCanarySchema.nullable().describe('The canary before, and why it ended'),
    source: z
      .enum(['database', 'settings'])
      .describe('Who says so: an activation, or PANELVEC_MODELS and PANELVEC_MODEL_ALIASES'),
    changed_at: z.string().nullable().describe('Null where the settings say so'),
    problem: z
      .string()
      .nullable()
      .describe('Why the alias means something else in the service that responds; null if it does not'),
  })
  .meta({ id: 'Alias' });
export const aliasListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(aliasSchema) })
  .meta({ id: 'AliasList' });
export const removedAliasSchema = z
  .strictObject({ object: z.literal('alias'), alias: z.string(), deleted: z.literal(true) })
  .meta({ id: 'RemovedAlias' });
export type AliasResponse = z.infer<typeof aliasSchema>;

export function toActivationOptions(body: z.output<typeof activationSchema>): ActivationOptions {
  const { alias, require: requirement, canary, force } = body;
  if (requirement === undefined) return { alias, canary, force };
  const { evaluation, no_worse_than: noWorseThan, margins } = requirement;
  return { alias, canary, force, require: { evaluation, noWorseThan, margins } };
}

export function toAliasResponse(view: AliasView): AliasResponse {
  const { canary, lastCanary } = view;
  return {
    object: 'alias',
    alias: view.alias,
    model: view.model,
    previous: view.previous,
    previous_warm: view.previousWarm,
    canary: canary && {
      id: canary.id,
      model: canary.model,
      share: canary.share,
      started_at: canary.startedAt.toISOString(),
    },
    last_canary: lastCanary && {
      model: lastCanary.model,
      ended_at: lastCanary.endedAt.toISOString(),
      reason: lastCanary.reason,
    },
    source: view.source,
    changed_at: view.changedAt?.toISOString() ?? null,
    problem: view.problem,
  };
}
