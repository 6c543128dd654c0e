import type { FastifyPluginAsync } from 'fastify';
import type { Services } from '../../../services.ts';

/** GET /metrics in Prometheus' text form, and the timing of every request. */
export function metricsRoute({ metrics, models, pool, embedder }: Services): FastifyPluginAsync {
  return async (app) => {
    const stopGauges = metrics.registerGauges({
      queuedItems: () => pool.queueLength,
      itemsInWork: () => embedder.admission.inFlight,
      engines: () => pool.engines.map(({ device, info }) => ({ device, provider: info?.provider })),
      models: () => models.all.map(({ id, space, spec }) => ({ id, space, dimensions: spec.dimensions })),
    });
    app.addHook('onClose', async () => stopGauges());

    app.get('/metrics', {
      schema: { summary: 'Prometheus metrics', tags: ['service'] },
      handler: async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
    });
  };
}
