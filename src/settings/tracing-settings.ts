import { z } from 'zod';
import { defineSetting, type Settings } from './setting.ts';

const optionalUrl = z
  .string()
  .refine(
    (text) => text === '' || (/^https?:/.test(text) && URL.canParse(text)),
    'must be a URL with http:// or https://',
  )
  .transform((url) => (url === '' ? undefined : url));

/**
 * Where traces go. The names are those that OpenTelemetry has for every program; its packages read the others themselves (sampler,
 * headers, name of the service, limits).
 */
export const TRACING_SETTINGS = {
  otlpEndpoint: defineSetting(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    optionalUrl,
    '',
    'base URL of an OpenTelemetry collector that receives traces, such as http://jaeger:4318; no traces without it',
  ),
  otlpTracesEndpoint: defineSetting(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    optionalUrl,
    '',
    'URL that receives traces, in place of OTEL_EXPORTER_OTLP_ENDPOINT with /v1/traces',
  ),
  otlpProtocol: defineSetting(
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    z.string(),
    'http/protobuf',
    'protocol of the collector; only http/protobuf is spoken',
  ),
  otlpTracesProtocol: defineSetting(
    'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    z.string(),
    '',
    'protocol of the collector of traces, in place of OTEL_EXPORTER_OTLP_PROTOCOL',
  ),
  tracesExporter: defineSetting(
    'OTEL_TRACES_EXPORTER',
    z.string(),
    'otlp',
    'exporter of traces: otlp, or none for no traces; no other is supported where a collector is named',
  ),
  otelSdkDisabled: defineSetting(
    'OTEL_SDK_DISABLED',
    z.string().transform((text) => text.toLowerCase() === 'true'),
    'false',
    'true for no traces, whatever the other variables say',
  ),
} as const satisfies Settings;
