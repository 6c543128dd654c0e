import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import tls, { type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { refusal, useFetchBench } from '../support/fetch-image.ts';
import { ImageHost } from '../support/image-host.ts';

const bench = useFetchBench();
const trusted = tls.getCACertificates('default');
const INVALID = refusal('image_fetch_failed', /^the certificate of the host is not valid for it$/);
/** The kind of an alternative name (RFC 5280, 4.2.1.6) */
const DNS_NAME = 2;
let host: ImageHost;

before(async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'images.test' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: DNS_NAME, value: 'images.test' }] }],
  });
  tls.setDefaultCACertificates([...trusted, cert]);
  host = await ImageHost.start({ key, cert });
  host.respond = (_, response) => response.end('image');
});
after(async () => {
  tls.setDefaultCACertificates([...trusted]);
  await host?.[Symbol.asyncDispose]();
});

it('a host must have a certificate for its name', async () => {
  const fetcher = bench.createFetcher({ hosts: [`*.test:${host.port}`] });
  const url = (name: string) => `https://${name}:${host.port}/a.png`;
  assert.equal(String(await bench.fetch(url('images.test'), fetcher)), 'image');
  assert.equal(String(await bench.fetch(url('images.test.'), fetcher)), 'image');
  const { socket } = host.requests.at(-1) ?? {};
  assert.equal((socket as TLSSocket & { servername?: string }).servername, 'images.test');
  await assert.rejects(bench.fetch(url('wrong.test'), fetcher), INVALID);
  assert.equal(host.requests.length, 2);
});

it('a host must have a certificate that somebody trusted has signed', async () => {
  tls.setDefaultCACertificates([...trusted]);
  const fetcher = bench.createFetcher({ hosts: [`*.test:${host.port}`] });
  await assert.rejects(bench.fetch(`https://images.test:${host.port}/a.png`, fetcher), INVALID);
});

it('a host of https is not asked in plain HTTP, nor one of HTTP with TLS', async () => {
  const fetcher = bench.createFetcher({ hosts: [`https://images.test:${bench.host.port}`] });
  const { port } = bench.host;
  await assert.rejects(bench.fetch(`http://images.test:${port}/`, fetcher), { code: 'image_url_refused' });
  await assert.rejects(bench.fetch(`https://images.test:${port}/`, fetcher), { code: 'image_fetch_failed' });
  assert.equal(bench.host.requests.length, 0);
});
