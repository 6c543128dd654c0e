/** What the page of settings says beside the help of a setting, by its variable: Markdown, with links from docs/reference. */
export const SETTING_NOTES: Readonly<Record<string, string>> = {
  HOST: 'On another address than a loopback one the service needs a [key](../access.md). It speaks HTTP: put a proxy with TLS in front of it.',
  PANELVEC_HEALTH_PORT:
    'It answers at once, however busy the service is, and 503 when its event loop has stood still for ten seconds. For liveness probes; readiness stays on PORT.',
  PANELVEC_MAX_CONNECTIONS: '`panelvec_connections_dropped_total` counts them.',
  PANELVEC_ALLOW_ANONYMOUS: 'See [access](../access.md).',
  PANELVEC_CORS_ORIGINS:
    'Where nobody needs a key, pages of other origins may not send anything that changes something.',
  PANELVEC_REQUEST_TIMEOUT_SECONDS: 'Beyond it: 408.',
  PANELVEC_DRAIN_TIMEOUT_SECONDS: 'Beyond it: exit code 1.',
  PANELVEC_HOME: 'Models, jobs, databases and caches lie there.',
  PANELVEC_DATA_ROOTS:
    'Pictures of collections are read there, too. The example pages that come with panelvec are always readable.',
  DATABASE_URL: 'They lie in PANELVEC_HOME.',
  PANELVEC_LOCAL_SOCKETS: 'With `tcp` it has a secret; `auto` is `tcp` on Windows only.',
  PANELVEC_MAX_FEATURES_BYTES: 'It lies in PANELVEC_HOME/features, which must be on a local disk.',
  PANELVEC_MODELS: 'Names or paths. The first is the default until another is [activated](../promotion.md).',
  PANELVEC_MODEL_ALIASES: 'For clients that insist on a name. Responses have the real name.',
  PANELVEC_MODELS_MEMORY_BYTES:
    'They come back when they are asked for; the default and what aliases mean stay. A model alone may exceed it ([how it is estimated](../decisions/0026-model-pools.md)).',
  PANELVEC_ROLLBACK_SECONDS: 'See [promotion](../promotion.md).',
  PANELVEC_DRIFT_CHECK_SECONDS:
    'Known inputs must give known vectors. An engine that fails is replaced; until another has passed, `/health/ready` responds 503.',
  PANELVEC_PROVIDER: '`auto` is cuda, else cpu, and says why.',
  PANELVEC_DEVICES: 'On the CPU, several engines share the machine.',
  PANELVEC_ENGINES:
    'Each has its own copy of the model. `auto`: as [measured](../operating.md#engines-threads-and-decoders), else one for each core, 4 at most, as far as they take a quarter of PANELVEC_MODELS_MEMORY_BYTES; 1 on a GPU, where PANELVEC_THREADS is set, and in commands that run a model themselves.',
  PANELVEC_THREADS: 'As measured, where `panelvec layout` has run.',
  PANELVEC_DECODE_THREADS: 'The rule is as many as cores in a service, 4 at most, and a quarter of them in commands.',
  PANELVEC_MAX_BATCH: 'A power of two: 8 suits a CPU, 32 or more a GPU.',
  PANELVEC_BULK_BATCH: 'Use more on a GPU, where eight take no longer than one.',
  PANELVEC_BATCH_TIMEOUT_SECONDS: 'Another engine takes its place.',
  PANELVEC_START_TIMEOUT_SECONDS: 'Beyond it, the engine is killed.',
  PANELVEC_MAX_ENGINE_BYTES:
    'The next engine is warm before it ends, if memory suffices for both and it computes on the CPU; else requests wait for it. An engine is replaced at most every 30 s, and may always have 1.5 times of what it takes when it is warm. `auto` is at least 1 GiB more than that. It is the resident memory that Node tells on every system; memory of a GPU is not counted.',
  PANELVEC_POISONED_SECONDS:
    'It ended its engine twice while it was alone there. 0: it is tried each time. What somebody kills with a signal is tried again, up to thirty times.',
  PANELVEC_MAX_TEXTS: 'They go to the engines bit by bit while other requests come.',
  PANELVEC_MAX_BODIES_BYTES: 'After decompression. Beyond it: 429.',
  PANELVEC_MAX_STRIP_PIXELS: 'Memory holds no more than PANELVEC_MAX_IMAGE_PIXELS.',
  PANELVEC_MAX_TENSOR_VALUES: 'Of `/v2`.',
  PANELVEC_MAX_QUEUE_ITEMS:
    'Beyond it: 429. A picture counts as the [grid views](../models.md#grid-views) of the model.',
  PANELVEC_MAX_QUEUE_TEXTS: 'Beyond it: 429.',
  PANELVEC_MAX_WAIT_SECONDS:
    'The wait follows from what is ahead and how fast the service works it off. Longer: 429, with the time at which to come back ([overload](../api.md#overload)).',
  PANELVEC_QUEUE_TIMEOUT_SECONDS: 'Beyond it: 503.',
  PANELVEC_FEATURES_MEMORY_BYTES:
    'What comes again is neither decoded nor encoded, and what comes twice at a time is computed once.',
  PANELVEC_JOBS: '`off`: no database and no workers; requests for jobs get 503.',
  PANELVEC_SEARCH: '`off`: these calls get 503. With DATABASE_URL, collections do not need PANELVEC_JOBS.',
  PANELVEC_EXAMPLE_COLLECTION: 'Once: if you delete them, they do not come back. With PANELVEC_WORKERS=0 it does not.',
  PANELVEC_WORKERS: 'It starts them when tasks wait for them. 0 if workers run elsewhere.',
  PANELVEC_WORKER_ENGINES: 'See [jobs and workers](../operating.md#jobs-and-workers).',
  PANELVEC_WORKER_IDLE_SECONDS:
    'The next job then waits a second or two for its start. Workers that are kept run from the start of the service to its end.',
  HF_ENDPOINT: 'For `panelvec models pull`.',
  HF_TOKEN: 'Only a variable. It is sent only to that hub.',
  PANELVEC_API_KEY: 'See [access](../access.md). The service does not need it.',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'See [tracing](../operating.md#tracing), also for the variables that the packages of OpenTelemetry read themselves.',
  MLFLOW_TRACKING_URI: 'See [training](../training.md#mlflow-and-weights--biases).',
};
