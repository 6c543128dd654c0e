import { defineSetting, nonNegativeInteger, positiveInteger, type Settings, seconds } from './setting.ts';

/** How much requests may ask for, and how long they wait. */
export const LIMIT_SETTINGS = {
  maxItems: defineSetting('PANELVEC_MAX_ITEMS', positiveInteger, 64, 'maximum panels in a request'),
  maxTexts: defineSetting('PANELVEC_MAX_TEXTS', positiveInteger, 2048, 'maximum texts in a request of texts alone'),
  maxBodyBytes: defineSetting('PANELVEC_MAX_BODY_BYTES', positiveInteger, 64 * 2 ** 20, 'maximum bytes of a request'),
  maxBodiesBytes: defineSetting(
    'PANELVEC_MAX_BODIES_BYTES',
    positiveInteger,
    512 * 2 ** 20,
    'maximum bytes of all requests that are being received',
  ),
  maxJsonBytes: defineSetting(
    'PANELVEC_MAX_JSON_BYTES',
    positiveInteger,
    32 * 2 ** 20,
    'maximum bytes of a JSON body; larger requests must be multipart forms',
  ),
  maxJsonValues: defineSetting(
    'PANELVEC_MAX_JSON_VALUES',
    positiveInteger,
    32_768,
    'maximum values in the JSON of a request',
  ),
  maxTensorValues: defineSetting(
    'PANELVEC_MAX_TENSOR_VALUES',
    positiveInteger,
    500_000,
    'maximum values in the JSON tensors of a request; bytes limit binary tensors',
  ),
  maxImageBytes: defineSetting(
    'PANELVEC_MAX_IMAGE_BYTES',
    positiveInteger,
    20 * 2 ** 20,
    'maximum bytes of an encoded image',
  ),
  maxImagePixels: defineSetting('PANELVEC_MAX_IMAGE_PIXELS', positiveInteger, 40_000_000, 'maximum pixels of an image'),
  maxStripPixels: defineSetting(
    'PANELVEC_MAX_STRIP_PIXELS',
    positiveInteger,
    200_000_000,
    'maximum pixels of a page that is decoded region by region, because it has more pixels than an image may have',
  ),
  maxTextCharacters: defineSetting(
    'PANELVEC_MAX_TEXT_CHARACTERS',
    positiveInteger,
    20_000,
    'maximum characters of a text',
  ),
  maxQueueItems: defineSetting(
    'PANELVEC_MAX_QUEUE_ITEMS',
    positiveInteger,
    512,
    'maximum panels that the service has accepted and not answered',
  ),
  maxQueueTexts: defineSetting(
    'PANELVEC_MAX_QUEUE_TEXTS',
    positiveInteger,
    8192,
    'maximum texts of such requests that the service has accepted and not answered',
  ),
  maxWaitSeconds: defineSetting(
    'PANELVEC_MAX_WAIT_SECONDS',
    seconds,
    2,
    'maximum seconds that an accepted request is expected to wait for its turn; others are refused at once',
  ),
  queueTimeoutSeconds: defineSetting(
    'PANELVEC_QUEUE_TIMEOUT_SECONDS',
    seconds,
    30,
    'maximum seconds that a panel waits for an engine',
  ),
  featuresMemoryBytes: defineSetting(
    'PANELVEC_FEATURES_MEMORY_BYTES',
    nonNegativeInteger,
    64 * 2 ** 20,
    'maximum bytes of the pooled features that the service keeps in memory for requests; 0 computes equal requests again',
  ),
} as const satisfies Settings;
