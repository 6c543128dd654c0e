/**
 * Settings of glibc's allocator: its defaults, but fixed. Left to itself it raises both thresholds with each large block that is freed,
 * and then keeps up to a hundred megabytes that nobody uses. Other allocators ignore them.
 */
const ALLOCATOR_VARIABLES = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' } as const;

/** Variables that only the service itself and its workers need. What runs models and databases does not get them. */
export const SECRET_VARIABLES = [
  'PANELVEC_API_KEY',
  'DATABASE_URL',
  'HF_TOKEN',
  'MLFLOW_TRACKING_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
] as const;

/** The environment of a child process that gives memory back to the system: that of this process, whose own settings win. */
export function childEnvironment(additions: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...ALLOCATOR_VARIABLES, ...process.env, ...additions };
}

/** The environment of a child process that needs no secrets. */
export function environmentWithoutSecrets(additions: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const environment = childEnvironment(additions);
  for (const name of SECRET_VARIABLES) delete environment[name];
  return environment;
}
