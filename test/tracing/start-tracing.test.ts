import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startTracing, type TracingSettings } from '../../src/tracing/start-tracing.ts';
import { silentLogger } from '../support/in-process-service.ts';

const settings: TracingSettings = {
  otlpEndpoint: 'http://127.0.0.1:1',
  otlpTracesEndpoint: undefined,
  otlpProtocol: 'http/protobuf',
  otlpTracesProtocol: '',
  tracesExporter: 'otlp',
  otelSdkDisabled: false,
};
const start = (changes: Partial<TracingSettings>) => startTracing({ ...settings, ...changes }, 'test', silentLogger);

it('refuses exporters that it does not have, and names the variable', async () => {
  for (const tracesExporter of ['console', 'otlp,console'])
    await assert.rejects(start({ tracesExporter }), {
      code: 'config_invalid',
      message: `OTEL_TRACES_EXPORTER: "${tracesExporter}" is not supported, only otlp and none`,
    });
});

it('lets the protocol of traces win over that of everything', async () => {
  await assert.rejects(start({ otlpTracesProtocol: 'grpc' }), {
    code: 'config_invalid',
    message: /^OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc" is not spoken/,
  });
  const stop = await start({ otlpProtocol: 'grpc', otlpTracesProtocol: 'http/protobuf' });
  assert.equal(await stop(), true);
});

it('minds neither where no traces are sent', async () => {
  const unsupported = { otlpProtocol: 'grpc', otlpTracesProtocol: 'grpc', tracesExporter: 'console' };
  assert.equal(await (await start({ ...unsupported, otlpEndpoint: undefined }))(), true);
  assert.equal(await (await start({ ...unsupported, otelSdkDisabled: true }))(), true);
});
