import { z } from 'zod';
import { defineSetting, type Settings } from './setting.ts';

/** Other services that are called, and their keys. */
export const REMOTE_SETTINGS = {
  mlflowTrackingUri: defineSetting(
    'MLFLOW_TRACKING_URI',
    z
      .string()
      .regex(/^$|^https?:\/\//, 'must begin with http:// or https://')
      .transform((uri) => (uri === '' ? undefined : uri)),
    '',
    'MLflow server that receives the metrics and reports of trainings',
  ),
  mlflowExperiment: defineSetting(
    'MLFLOW_EXPERIMENT_NAME',
    z.string().min(1),
    'panelvec',
    'MLflow experiment of the trainings',
  ),
  mlflowToken: defineSetting(
    'MLFLOW_TRACKING_TOKEN',
    z.string().transform((token) => (token === '' ? undefined : token)),
    '',
    'bearer token for the MLflow server',
  ),
  apiKey: {
    ...defineSetting(
      'PANELVEC_API_KEY',
      z
        .string()
        .regex(/^[\x21-\x7e]*$/, 'must have no spaces and no characters beyond ASCII')
        .transform((key) => (key === '' ? undefined : key)),
      '',
      'key that commands send to the service',
    ),
    isSecret: true,
  },
  hubEndpoint: defineSetting(
    'HF_ENDPOINT',
    z.string(),
    'https://huggingface.co',
    'URL of the hub to download models from',
  ),
  hubToken: defineSetting(
    'HF_TOKEN',
    z.string().transform((token) => (token === '' ? undefined : token)),
    '',
    'access token for the hub',
  ),
} as const satisfies Settings;
