import helmet from '@fastify/helmet';
import fp from 'fastify-plugin';
import type { Config } from '../../config.ts';

/**
 * Tells browsers what a response must never do. The policy is that of reports, the only pages that come from jobs: styles and pictures
 * of their own, no script. The page of the service and /docs have policies of their own.
 */
export const securityHeaders = fp<Pick<Config, 'corsOrigins'>>(async (app, { corsOrigins }) => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        imgSrc: ['data:'],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Pages of these origins may show pictures of panels.
    crossOriginResourcePolicy: { policy: corsOrigins.length > 0 ? 'cross-origin' : 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // The service speaks HTTP. Whether a host has TLS for good is for the proxy in front of it to say.
    strictTransportSecurity: false,
  });
});
