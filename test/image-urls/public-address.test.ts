import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isPublicAddress } from '../../src/image-urls/public-address.ts';

it('takes addresses of the public internet alone', () => {
  for (const address of ['8.8.8.8', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1'])
    assert.ok(isPublicAddress(address), address);
  const others = {
    'this machine': ['127.0.0.1', '127.255.255.254', '0.0.0.0', '::1', '::'],
    'private networks': [
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      'fc00::1',
      'fd12:3456::1',
      'fec0::1',
    ],
    'metadata of clouds': ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
    'link-local': ['169.254.0.1', 'fe80::1'],
    'networks of providers': ['100.64.0.1', '100.127.255.255', '198.18.0.1', '192.0.0.1'],
    'addresses of IPv4 in IPv6': [
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b:1::1',
    ],
    tunnels: ['2002:7f00:1::', '2001::1', '192.88.99.1'],
    'many hosts at once': ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
    'documentation and what is not given out': [
      '192.0.2.1',
      '203.0.113.9',
      '240.0.0.1',
      '2001:db8::1',
      '4000::1',
      '100::1',
    ],
    'no addresses': ['', 'localhost', '1.2.3', '127.0.0.1:80'],
  };
  for (const [kind, addresses] of Object.entries(others))
    for (const address of addresses) assert.ok(!isPublicAddress(address), `${kind}: ${address}`);
});
