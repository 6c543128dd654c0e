import type { RouteOptions } from 'fastify';

/** A hook `onRoute` for routes that a plugin of somebody else registers: everybody may use them. */
export function makePublic(route: RouteOptions): void {
  route.config = { ...route.config, access: 'public' };
}
