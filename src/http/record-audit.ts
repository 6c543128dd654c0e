import type { FastifyRequest } from 'fastify';
import type { Audit, AuditEvent } from '../access/audit.ts';

/** Records what a request has changed. */
export function recordAudit(
  audit: Audit,
  request: FastifyRequest,
  event: Pick<AuditEvent, 'action' | 'subject' | 'detail'>,
): void {
  const { keyId, name } = request.caller;
  audit.record({ ...event, caller: { keyId, name }, requestId: request.id });
}
