import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All that is given out of IPv6 for use in the whole internet (RFC 4291, 2.4) */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** Where a virtual machine of Azure finds its host: a public address that means something private. */
const AZURE_HOST = '168.63.129.16';

/**
 * Whether an address is one of the public internet. Others are refused: private networks, this machine, link-local addresses (where
 * clouds have their metadata), and addresses of IPv6 that stand for one of IPv4, which a gateway may translate to anything.
 */
export function isPublicAddress(text: string): boolean {
  // The parser would also take short and octal spellings.
  if (isIP(text) === 0 || text === AZURE_HOST) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_IPV6);
}
