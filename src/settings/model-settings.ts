import { z } from 'zod';
import { defaultModelsMemoryBytes } from '../inference/model-memory.ts';
import { commaSeparated, defineSetting, positiveInteger, type Settings, seconds } from './setting.ts';

/** Which models are loaded, and for how long. */
export const MODEL_SETTINGS = {
  models: defineSetting(
    'PANELVEC_MODELS',
    commaSeparated(z.string().min(1)),
    'compact',
    'comma-separated models to load; the first is the default',
  ),
  modelAliases: defineSetting(
    'PANELVEC_MODEL_ALIASES',
    z
      .string()
      .transform((text) => (text === '' ? [] : text.split(',').map((part) => part.trim())))
      .pipe(z.array(z.string().regex(/^[^=\s]+=[^=\s]+$/, 'must be alias=model'))),
    '',
    'comma-separated further names of loaded models: text-embedding-3-small=compact',
  ),
  modelsMemoryBytes: defineSetting(
    'PANELVEC_MODELS_MEMORY_BYTES',
    positiveInteger,
    defaultModelsMemoryBytes(),
    'maximum bytes of memory of the engines of all models; models that are not in use leave first',
  ),
  rollbackSeconds: defineSetting(
    'PANELVEC_ROLLBACK_SECONDS',
    z.coerce.number().min(0),
    900,
    'seconds that the model before an activation stays loaded, for a rollback without a load',
  ),
  driftCheckSeconds: defineSetting(
    'PANELVEC_DRIFT_CHECK_SECONDS',
    seconds,
    60,
    'seconds between two checks that every engine still computes its model',
  ),
} as const satisfies Settings;
