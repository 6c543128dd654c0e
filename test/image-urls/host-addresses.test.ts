import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import type { Answer } from 'dns-packet';
import { everyNameIs } from '../support/dns-server.ts';
import { HOST_ADDRESS, refusal, useFetchBench } from '../support/fetch-image.ts';

const bench = useFetchBench();
const NOT_PUBLIC = refusal('image_url_refused', /^the name of the host has an address that is not public$/);
const NOT_LISTED = refusal('image_url_refused', /^PANELVEC_IMAGE_URL_HOSTS does not have its host/);

describe('a name of the list', () => {
  it('is resolved once, and the connection goes to the address that was checked', async () => {
    bench.host.respond = (_, response) => response.end('image');
    let isFirst = true;
    bench.dns.answers = (name, type) => {
      if (type === 'AAAA') return [];
      const data = isFirst ? HOST_ADDRESS : '127.0.0.2';
      isFirst = false;
      return [{ name, type, data, ttl: 0 }];
    };
    assert.equal(String(await bench.fetch(bench.url('/a.png'))), 'image');
    assert.deepEqual(bench.dns.questions.sort(), ['A images.test', 'AAAA images.test']);
    // Asked again, the name is refused.
    await assert.rejects(bench.fetch(bench.url('/a.png')), NOT_PUBLIC);
    assert.equal(bench.host.requests.length, 1);
  });

  it('is refused where it has an address that is not public, without a connection', async () => {
    const fetcher = bench.createFetcher({ isHostPublic: false });
    const addresses = ['127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '192.0.2.1'];
    const ofIpv6 = ['::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', 'fd00:ec2::254', 'fe80::1'];
    for (const address of [...addresses, ...ofIpv6]) {
      bench.dns.answers = everyNameIs(address);
      await assert.rejects(bench.fetch(bench.url('/a.png'), fetcher), NOT_PUBLIC, address);
    }
    assert.equal(bench.host.requests.length, 0);
    assert.deepEqual(new Set(bench.outcomes), new Set(['refused']));
  });

  it('is refused where one of its addresses is not public, though another is', async () => {
    for (const type of ['A', 'AAAA'] as const) {
      bench.dns.answers = (name, asked) => {
        const hidden: readonly Answer[] =
          asked === type ? everyNameIs(type === 'A' ? '10.0.0.1' : '::1')(name, asked) : [];
        return [...everyNameIs(HOST_ADDRESS)(name, asked), ...hidden];
      };
      await assert.rejects(bench.fetch(bench.url('/a.png')), NOT_PUBLIC, type);
    }
  });

  it('is refused where it is another name for a host that is not public', async () => {
    bench.dns.answers = (name, type) => [
      { name, type: 'CNAME', data: 'internal.test' },
      ...everyNameIs('192.168.1.1')('internal.test', type),
    ];
    await assert.rejects(bench.fetch(bench.url('/a.png')), NOT_PUBLIC);
  });

  it('fails where it has no address', async () => {
    bench.dns.answers = () => [];
    const failed = refusal('image_fetch_failed', /^the name of the host cannot be resolved$/);
    await assert.rejects(bench.fetch(bench.url('/a.png')), failed);
  });

  it('may have a dot at its end, capitals, or be of another script', async () => {
    bench.host.respond = (_, response) => response.end('image');
    const { port } = bench.host;
    const fetcher = bench.createFetcher({ hosts: [`http://images.test:${port}`, `http://*.bücher.test:${port}`] });
    for (const name of ['images.test.', 'IMAGES.test', 'ｉmages.test', 'a.xn--bcher-kva.test', 'a.bücher.test'])
      assert.equal(String(await bench.fetch(bench.url('/a.png', name), fetcher)), 'image', name);
    const hosts = bench.host.requests.map(({ headers }) => headers.host);
    const canonical = ['images.test', 'images.test', 'images.test', 'a.xn--bcher-kva.test', 'a.xn--bcher-kva.test'];
    assert.deepEqual(
      hosts,
      canonical.map((name) => `${name}:${port}`),
    );
    for (const name of ['іmages.test', 'images.test..', 'xn--bcher-kva.test'])
      await assert.rejects(bench.fetch(bench.url('/a.png', name), fetcher), { code: 'image_url_refused' }, name);
  });

  it('is not asked of a proxy that the environment names', async () => {
    const restore = http.setGlobalProxyFromEnv({ http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' });
    try {
      bench.host.respond = (_, response) => response.end('image');
      assert.equal(String(await bench.fetch(bench.url('/a.png'))), 'image');
    } finally {
      restore();
    }
  });
});

describe('an address in place of a name', () => {
  it('is refused in every spelling unless the list has it', async () => {
    const { port } = bench.host;
    const fetcher = bench.createFetcher({ hosts: [`http://*.test:${port}`, `http://images.test:${port}`] });
    for (const host of ['127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '[::1]', '[::ffff:127.0.0.1]'])
      await assert.rejects(bench.fetch(bench.url('/a.png', host), fetcher), NOT_LISTED, host);
    assert.equal(bench.host.requests.length, 0);
  });

  it('is taken as it is where the list has it, also a private one', async () => {
    bench.host.respond = (_, response) => response.end('image');
    const hosts = [`http://127.0.0.1:${bench.host.port}`];
    const fetcher = bench.createFetcher({ hosts, isHostPublic: false });
    assert.equal(String(await bench.fetch(bench.url('/a.png', '127.0.0.1'), fetcher)), 'image');
    await assert.rejects(bench.fetch(bench.url('/a.png', 'images.test'), fetcher), NOT_LISTED);
    assert.deepEqual(bench.dns.questions, []);
  });
});
