import { hostname } from 'node:os';

/** The start of a worker's leases, by which a dead worker of this machine is recognised. */
export function workerId(pid: number): string {
  return `${hostname()}:${pid}`;
}

/** The process that holds a lease, undefined if it is on another machine. */
export function pidFromLease(lease: string): number | undefined {
  const [host, pid] = lease.split(':');
  return host === hostname() ? Number(pid) : undefined;
}
