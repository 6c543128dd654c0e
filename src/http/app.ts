import { randomUUID } from 'node:crypto';
import accepts from '@fastify/accepts';
import multipart from '@fastify/multipart';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Jobs } from '../jobs/jobs.ts';
import { registerJobGauges } from '../metrics/job-gauges.ts';
import type { Services } from '../services.ts';
import { OPENAPI_INFO, transformDocument, transformSchema } from './openapi.ts';
import { parse } from './parse-request.ts';
import { handleClientError, rejectExpectation } from './plugins/client-error-handler.ts';
import { handleError } from './plugins/error-response.ts';
import { registerGracefulShutdown } from './plugins/graceful-shutdown.ts';
import { registerJsonParser } from './plugins/json-parser.ts';
import { registerNotFound } from './plugins/not-found.ts';
import { registerRequestLimits } from './plugins/request-limits.ts';
import { IMAGE_TYPES, imageRoute } from './routes/embeddings/image-route.ts';
import { openaiRoute } from './routes/embeddings/openai-route.ts';
import { pageRoute } from './routes/embeddings/page-route.ts';
import { panelRoute } from './routes/embeddings/panel-route.ts';
import { textRoute } from './routes/embeddings/text-route.ts';
import { artifactsRoute } from './routes/jobs/artifacts-route.ts';
import { jobEventsRoute } from './routes/jobs/job-events-route.ts';
import { jobsRoute } from './routes/jobs/jobs-route.ts';
import { inferRoute } from './routes/open-inference/infer-route.ts';
import { openInferenceModelRoute } from './routes/open-inference/open-inference-model-route.ts';
import { openInferenceServerRoute } from './routes/open-inference/open-inference-server-route.ts';
import { healthRoute } from './routes/service/health-route.ts';
import { metricsRoute } from './routes/service/metrics-route.ts';
import { modelsRoute } from './routes/service/models-route.ts';

const MAX_FORM_PARTS = 2048;
/** How often Node looks for requests that take too long to arrive. */
const CONNECTIONS_CHECK_MS = 500;
const MAX_HEADERS_TIMEOUT_MS = 60_000;
/** Running jobs whose progress a scrape tells of */
const MAX_WATCHED_JOBS = 100;

/** The HTTP service over services that run already. Order matters: parsers, errors, documentation, then routes. */
export async function createApp(services: Services, jobs: Jobs, logger: Logger): Promise<FastifyInstance> {
  const { config, metrics } = services;
  const requestTimeoutMs = config.requestTimeoutSeconds * 1000;
  const app = Fastify({
    loggerInstance: logger,
    bodyLimit: config.maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    // Node swaps the two limits where the one for headers is the longer, so it is never left at its default.
    http: {
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      headersTimeout: Math.min(MAX_HEADERS_TIMEOUT_MS, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      // Node would answer a missing Host with an empty 400; nothing here needs one.
      requireHostHeader: false,
    },
    forceCloseConnections: 'idle',
    // While it closes, registerDrain answers in our own form.
    return503OnClosing: false,
    clientErrorHandler: handleClientError,
    genReqId: () => randomUUID(),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    routerOptions: { ignoreTrailingSlash: true },
    onProtoPoisoning: 'error',
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
  }) as unknown as FastifyInstance;

  app.server.on('checkExpectation', rejectExpectation);
  registerJsonParser(app, config);
  app.addContentTypeParser(IMAGE_TYPES, { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.removeContentTypeParser('text/plain');
  await app.register(accepts);
  await app.register(multipart, { limits: { parts: MAX_FORM_PARTS }, throwFileSizeLimit: true });

  app.setValidatorCompiler(({ schema }) => (value) => {
    try {
      return { value: parse(schema as Parameters<typeof parse>[0], value) };
    } catch (error) {
      return { error: error as Error };
    }
  });
  // Answers are built from the same types as their schemas; checking each of their numbers again would cost more than
  // the inference of a text. A test holds answers and schemas together.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(handleError);
  registerNotFound(app);

  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  registerGracefulShutdown(app, Math.min(config.requestTimeoutSeconds, config.drainTimeoutSeconds / 2) * 1000);
  registerRequestLimits(app, services);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    request.log.debug({ method: request.method, route, status: reply.statusCode, ms: reply.elapsedTime }, 'answered');
  });

  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: OPENAPI_INFO, servers: [] },
    transform: transformSchema as never,
    transformObject: transformDocument as never,
  });
  await app.register(swaggerUi, { routePrefix: '/docs', logLevel: 'warn' });
  app.get('/openapi.json', { schema: { hide: true }, handler: async () => app.swagger() });

  for (const route of [
    imageRoute,
    textRoute,
    panelRoute,
    pageRoute,
    openaiRoute,
    modelsRoute,
    openInferenceServerRoute,
    openInferenceModelRoute,
    inferRoute,
    healthRoute,
    metricsRoute,
  ]) {
    await app.register(route(services));
  }
  if (jobs.isEnabled) {
    registerJobGauges(metrics.registry, {
      countByState: () => jobs.countByState(),
      running: async () => (await jobs.list({ state: 'running', limit: MAX_WATCHED_JOBS })).jobs,
    });
  }
  for (const route of [jobsRoute, jobEventsRoute, artifactsRoute]) await app.register(route(jobs));
  return app;
}
