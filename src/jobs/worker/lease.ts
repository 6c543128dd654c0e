import { hostname } from 'node:os';

/** What the leases of a worker begin with: by it, a dead one of this machine is known. */
export function workerId(pid: number): string {
  return `${hostname()}:${pid}`;
}

/** The process that a lease is of, where it is of this machine. */
export function pidFromLease(lease: string): number | undefined {
  const [host, pid] = lease.split(':');
  return host === hostname() ? Number(pid) : undefined;
}
