import type { Logger } from 'pino';
import { PanelvecError } from '../errors.ts';

export interface TracingSettings {
  /** Base URL of a collector, to which the path of traces is added */
  readonly otlpEndpoint: string | undefined;
  /** URL that takes traces; wins over the other */
  readonly otlpTracesEndpoint: string | undefined;
  readonly otlpProtocol: string;
  /** Wins over the other; empty for none */
  readonly otlpTracesProtocol: string;
  readonly tracesExporter: string;
  readonly otelSdkDisabled: boolean;
}

/** Sends what is left. Resolves to false where that took too long, and something still keeps the process alive. */
export type StopTracing = () => Promise<boolean>;

const TRACES_PATH = 'v1/traces';

/**
 * Turns spans on where the settings name a collector. Only then are the packages of OpenTelemetry loaded.
 * @param serviceName of this process, where OTEL_SERVICE_NAME names none
 * @throws PanelvecError config_invalid for an exporter that is not supported, or a protocol that is not spoken
 */
export async function startTracing(settings: TracingSettings, serviceName: string, log: Logger): Promise<StopTracing> {
  const url = findTracesUrl(settings);
  if (url === undefined) return async () => true;
  assertSupported(settings);
  const { startOpenTelemetry } = await import('./opentelemetry.ts');
  return startOpenTelemetry(url, serviceName, log);
}

/** Other programs share these variables: they matter only where traces would be sent. */
function assertSupported({ tracesExporter, otlpTracesProtocol, otlpProtocol }: TracingSettings): void {
  if (tracesExporter !== 'otlp') {
    const message = `OTEL_TRACES_EXPORTER: "${tracesExporter}" is not supported, only otlp and none`;
    throw new PanelvecError('config_invalid', message);
  }
  const [name, protocol] =
    otlpTracesProtocol === ''
      ? ['OTEL_EXPORTER_OTLP_PROTOCOL', otlpProtocol]
      : ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', otlpTracesProtocol];
  if (protocol === 'http/protobuf') return;
  throw new PanelvecError('config_invalid', `${name}: "${protocol}" is not spoken, only http/protobuf (port 4318)`);
}

/** Where traces go; undefined where tracing is off. */
function findTracesUrl(settings: TracingSettings): string | undefined {
  const { otlpEndpoint, otlpTracesEndpoint, tracesExporter, otelSdkDisabled } = settings;
  if (otelSdkDisabled || tracesExporter === 'none') return undefined;
  if (otlpTracesEndpoint !== undefined) return otlpTracesEndpoint;
  return otlpEndpoint === undefined ? undefined : `${otlpEndpoint.replace(/\/$/, '')}/${TRACES_PATH}`;
}
