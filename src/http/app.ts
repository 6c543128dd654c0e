import { randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { PanelvecError } from '../errors.ts';
import type { Services } from '../services.ts';
import { handleClientError } from './client-error.ts';
import { IMAGE_TYPES, imageRoute } from './embeddings/image-route.ts';
import { openaiRoute } from './embeddings/openai-route.ts';
import { pageRoute } from './embeddings/page-route.ts';
import { panelRoute } from './embeddings/panel-route.ts';
import { textRoute } from './embeddings/text-route.ts';
import { errorAnswer, handleError } from './error-answer.ts';
import { OPENAPI_INFO, transformDocument, transformSchema } from './openapi.ts';
import { parse } from './parse.ts';
import { healthRoute } from './service/health-route.ts';
import { metricsRoute } from './service/metrics-route.ts';
import { modelsRoute } from './service/models-route.ts';

const MAX_FORM_PARTS = 2048;
/** How often Node looks for requests that take too long to arrive. */
const CONNECTIONS_CHECK_MS = 500;
const LONGEST_HEADERS_TIMEOUT_MS = 60_000;
/** By then another replica has taken over. */
const RETRY_AFTER_STOP_SECONDS = 5;

/** The HTTP service over services that run already. Order matters: parsers, errors, documentation, then routes. */
export async function createApp(services: Services, logger: Logger): Promise<FastifyInstance> {
  const { config, metrics, embedder } = services;
  const requestTimeoutMs = config.requestTimeoutSeconds * 1000;
  const app = Fastify({
    loggerInstance: logger,
    bodyLimit: config.maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    // Node swaps the two limits where the one for headers is the longer, so it is never left at its default.
    http: {
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      headersTimeout: Math.min(LONGEST_HEADERS_TIMEOUT_MS, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
    },
    forceCloseConnections: 'idle',
    // While it closes, the hook below answers in our own form.
    return503OnClosing: false,
    clientErrorHandler: handleClientError,
    genReqId: () => randomUUID(),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    routerOptions: { ignoreTrailingSlash: true },
    onProtoPoisoning: 'error',
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
  }) as unknown as FastifyInstance;

  app.addContentTypeParser(IMAGE_TYPES, { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.removeContentTypeParser('text/plain');
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
  app.setNotFoundHandler((request, reply) => {
    const error = new PanelvecError('not_found', `there is no ${request.method} ${request.url.split('?')[0]}`);
    return reply.status(error.status).send(errorAnswer(error, request.id));
  });

  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (closing) {
      reply.header('connection', 'close');
      throw new PanelvecError('shutting_down', 'the service is stopping', {
        retryAfterSeconds: RETRY_AFTER_STOP_SECONDS,
      });
    }
    // A full house is said before the body is read: that is what would fill the memory.
    if (request.routeOptions.url?.startsWith('/v1/embeddings')) embedder.admission.assertOpen();
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
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
    healthRoute,
    metricsRoute,
  ]) {
    await app.register(route(services));
  }
  return app;
}
