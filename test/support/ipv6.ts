import { networkInterfaces } from 'node:os';

const hasIpv6Loopback = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

/** The `skip` option of a test that listens on an IPv6 address. */
export const SKIP_WITHOUT_IPV6 = hasIpv6Loopback ? false : 'this machine has no IPv6 loopback address';
