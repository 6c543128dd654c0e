import { z } from 'zod';
import { isHostEntry } from '../image-urls/allowed-hosts.ts';
import { defineSetting, type Settings, seconds } from './setting.ts';

const HOSTS_MESSAGE =
  'must be hosts such as images.example.org, *.example.org, https://example.org:8443 or http://10.0.0.5:9000';

const imageUrlHosts = z
  .string()
  .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
  .pipe(z.array(z.string().refine(isHostEntry, HOSTS_MESSAGE)));

/** Other services that are called, and their keys. */
export const REMOTE_SETTINGS = {
  imageUrlHosts: defineSetting(
    'PANELVEC_IMAGE_URL_HOSTS',
    imageUrlHosts,
    '',
    'comma-separated hosts that images of requests may be fetched from by their URLs, such as images.example.org or *.example.org; none without it',
  ),
  imageUrlTimeoutSeconds: defineSetting(
    'PANELVEC_IMAGE_URL_TIMEOUT_SECONDS',
    seconds,
    10,
    'maximum seconds to fetch an image by its URL',
  ),
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
