import { randomUUID } from 'node:crypto';

/** What gateways make: UUIDs, hexadecimal, Base64. Anything else could forge lines of a log, or fill them. */
const REQUEST_ID = /^[\w.:=+/@-]{1,128}$/;

/** The id of a request: that of a gateway in front of the service where it is well-formed, else a new one. */
export function chooseRequestId(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();
}
