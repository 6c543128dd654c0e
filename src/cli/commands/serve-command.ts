import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { chooseLayout } from '../../engine-layout/choose-layout.ts';
import { serve } from '../../http/server.ts';
import { startTracing } from '../../tracing/start-tracing.ts';
import { traceFields } from '../../tracing/tracing.ts';
import { waitForStopSignal } from '../stop-signal.ts';

/** Serves until SIGTERM or SIGINT, then answers all accepted requests and stops. */
export async function serveCommand(settings: Config): Promise<void> {
  process.title = 'panelvec-api';
  const log = pino({ name: 'panelvec', level: settings.logLevel, mixin: traceFields });
  const stop = waitForStopSignal();
  const stopTracing = await startTracing(settings, 'panelvec', log);
  const { source, ...layout } = await chooseLayout(settings, log);
  const config = { ...settings, ...layout };
  const service = await Promise.race([serve(config, log), stop]);
  // Stopped during the start: the engines end with this process.
  if (typeof service === 'string') process.exit(0);
  const { models, pool } = service.services;
  const ready = {
    models: models.all.map(({ id, space }) => ({ id, space })),
    provider: pool.engines[0]?.info?.provider,
  };
  log.info({ ...layout, source }, 'the cores are shared out');
  log.info(ready, `ready at ${service.address}, documentation at ${service.address}/docs`);

  const signal = await stop;
  log.info({ signal }, 'stopping after all accepted requests are answered');
  const deadline = setTimeout(() => {
    log.error('some requests did not end in time');
    process.exit(1);
  }, config.drainTimeoutSeconds * 1000);
  await service.close().catch((err: unknown) => log.error({ err }, 'the service did not stop cleanly'));
  clearTimeout(deadline);
  const isFlushed = await stopTracing();
  log.info('stopped');
  // What still tries to send traces would keep the process for seconds.
  if (!isFlushed) process.exit();
}
