import type { IncomingMessage } from 'node:http';
import accepts from '@fastify/accepts';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { PagePictures } from '../collections/pictures/page-pictures.ts';
import type { Config } from '../config.ts';
import { readableFolders } from '../example-pages.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Services } from '../services.ts';
import { createClientErrorHandler, MAX_HEADER_BYTES, rejectExpectation } from './client-error-handler.ts';
import { authentication } from './plugins/authentication.ts';
import { bodyParsers } from './plugins/body-parsers.ts';
import { crossOrigin } from './plugins/cross-origin.ts';
import { errorHandler, handleError } from './plugins/error-handler.ts';
import { gracefulShutdown } from './plugins/graceful-shutdown.ts';
import { keyLimits } from './plugins/key-limits.ts';
import { notFound } from './plugins/not-found.ts';
import { openapi } from './plugins/openapi.ts';
import { pipelinedRequests } from './plugins/pipelined-requests.ts';
import { requestLimits } from './plugins/request-limits.ts';
import { requestSchedule } from './plugins/request-schedule.ts';
import { requestSpans } from './plugins/request-spans.ts';
import { requestTracing } from './plugins/request-tracing.ts';
import { schemaValidation } from './plugins/schema-validation.ts';
import { securityHeaders } from './plugins/security-headers.ts';
import { unreadBody } from './plugins/unread-body.ts';
import { RequestAborts } from './request-aborts.ts';
import { chooseRequestId } from './request-id.ts';
import { collectionsRoute } from './routes/collections/collections-route.ts';
import { mapRoute } from './routes/collections/map-route.ts';
import { panelsRoute } from './routes/collections/panels-route.ts';
import { picturesRoute } from './routes/collections/pictures-route.ts';
import { imageRoute } from './routes/embeddings/image-route.ts';
import { openaiRoute } from './routes/embeddings/openai-route.ts';
import { pageRoute } from './routes/embeddings/page-route.ts';
import { panelRoute } from './routes/embeddings/panel-route.ts';
import { textRoute } from './routes/embeddings/text-route.ts';
import { artifactsRoute } from './routes/jobs/artifacts-route.ts';
import { historyRoute } from './routes/jobs/history-route.ts';
import { jobEventsRoute } from './routes/jobs/job-events-route.ts';
import { jobsRoute } from './routes/jobs/jobs-route.ts';
import { inferRoute } from './routes/open-inference/infer-route.ts';
import { openInferenceModelRoute } from './routes/open-inference/open-inference-model-route.ts';
import { openInferenceServerRoute } from './routes/open-inference/open-inference-server-route.ts';
import { rootRoute } from './routes/page/root-route.ts';
import { promotionRoute } from './routes/promotion/promotion-route.ts';
import { searchRoute } from './routes/search/search-route.ts';
import { accessRoute } from './routes/service/access-route.ts';
import { auditRoute } from './routes/service/audit-route.ts';
import { healthRoute } from './routes/service/health-route.ts';
import { metricsRoute } from './routes/service/metrics-route.ts';
import { modelCardRoute } from './routes/service/model-card-route.ts';
import { modelsRoute } from './routes/service/models-route.ts';
import { statusRoute } from './routes/service/status-route.ts';
import { zeroShotRoute } from './routes/zero-shot/zero-shot-route.ts';

/** How often Node looks for requests that take too long to arrive */
const CONNECTIONS_CHECK_MS = 500;
const MAX_HEADERS_TIMEOUT_MS = 60_000;

/** The HTTP service over services that run already. Hooks run in the order in which their plugins are registered. */
export async function createApp(
  services: Services,
  jobs: Jobs,
  loggerInstance: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const { config } = services;
  const aborts = new RequestAborts(services.metrics);
  const clientErrorHandler = createClientErrorHandler(aborts);
  const app = Fastify({ ...serverOptions(config), clientErrorHandler, loggerInstance });
  app.server.on('checkExpectation', rejectExpectation);
  app.server.maxConnections = config.maxConnections;
  services.metrics.watchConnections(app.server);

  await app.register(securityHeaders, config);
  await app.register(errorHandler);
  await app.register(schemaValidation);
  await app.register(bodyParsers, { limits: config, models: services.models });
  await app.register(accepts);
  await app.register(requestTracing, { ...services, aborts });
  await app.register(requestSpans, { aborts });
  await app.register(pipelinedRequests);
  await app.register(unreadBody);
  await app.register(gracefulShutdown, { aborts, graceMs: shutdownGraceMs(config) });
  await app.register(notFound);
  await app.register(crossOrigin, services);
  await app.register(authentication, services);
  await app.register(keyLimits, services);
  await app.register(requestSchedule, services);
  await app.register(requestLimits, services);
  await app.register(openapi);

  await app.register(imageRoute, services);
  await app.register(textRoute, services);
  await app.register(panelRoute, services);
  await app.register(pageRoute, services);
  await app.register(openaiRoute, services);
  await app.register(zeroShotRoute, services);
  await app.register(searchRoute, services);
  await app.register(modelsRoute, services);
  await app.register(modelCardRoute, services);
  await app.register(promotionRoute, services);
  await app.register(openInferenceServerRoute, services);
  await app.register(openInferenceModelRoute, services);
  await app.register(inferRoute, services);
  await app.register(rootRoute);
  await app.register(healthRoute, services);
  await app.register(accessRoute, services);
  await app.register(metricsRoute, { ...services, jobs });
  await app.register(statusRoute, { ...services, jobs });
  await app.register(jobsRoute, { ...services, jobs });
  await app.register(jobEventsRoute, { ...services, jobs });
  await app.register(artifactsRoute, { jobs });
  await app.register(historyRoute, { jobs, home: config.home });
  await app.register(auditRoute, services);
  const pictures = new PagePictures({
    dataRoots: readableFolders(config),
    imageLimits: config,
    decodeThreads: config.decodeThreads,
    isBusy: () => services.embedder.admission.inFlight > 0,
  });
  await app.register(collectionsRoute, services);
  await app.register(mapRoute, services);
  await app.register(panelsRoute, { ...services, pictures });
  await app.register(picturesRoute, { ...services, pictures });
  return app;
}

function serverOptions({ maxBodyBytes, requestTimeoutSeconds }: Config) {
  const requestTimeoutMs = requestTimeoutSeconds * 1000;
  return {
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    http: {
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      // Node swaps the two limits where the one for headers is the longer, so it is never left at its default.
      headersTimeout: Math.min(MAX_HEADERS_TIMEOUT_MS, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Node would respond to a missing Host with an empty 400; nothing here needs one.
      requireHostHeader: false,
    },
    forceCloseConnections: 'idle',
    // While the app closes, gracefulShutdown responds in the one form of errors.
    return503OnClosing: false,
    frameworkErrors: handleError,
    genReqId: ({ headers }: IncomingMessage) => chooseRequestId(headers['x-request-id']),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    routerOptions: { ignoreTrailingSlash: true },
    onProtoPoisoning: 'error',
  } as const;
}

/** Half of the time to drain at most: the rest is for responses. */
function shutdownGraceMs({ requestTimeoutSeconds, drainTimeoutSeconds }: Config): number {
  return Math.min(requestTimeoutSeconds, drainTimeoutSeconds / 2) * 1000;
}
