import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusal, useFetchBench } from '../support/fetch-image.ts';

const bench = useFetchBench();

describe('a URL', () => {
  it('is not fetched where no hosts are allowed, and the message names the setting', async () => {
    const off = bench.createFetcher({ hosts: [] });
    await assert.rejects(
      bench.fetch(bench.url('/'), off),
      refusal('image_url_refused', /^URLs are not fetched: send data:image.*PANELVEC_IMAGE_URL_HOSTS/),
    );
    assert.deepEqual(bench.dns.questions, []);
  });

  it('is refused where it has credentials, is long, or cannot be read', async () => {
    const { port } = bench.host;
    for (const [url, message] of [
      [`http://user@images.test:${port}/`, /a user name or a password$/],
      [`http://:password@images.test:${port}/`, /a user name or a password$/],
      [`http://images.test:${port}@stranger.test/`, /a user name or a password$/],
      [`http://images.test:${port}\\@stranger.test/../${'a'.repeat(3000)}`, /^the URL has over 2048 characters$/],
      ['http://', /^the URL cannot be read$/],
      ['https:images.test:1:2', /^the URL cannot be read$/],
      ['http://images.test%00.stranger.test/', /^the URL cannot be read$/],
      [`http://stranger.test#@images.test:${port}/`, /^PANELVEC_IMAGE_URL_HOSTS does not have/],
      [`http://stranger.test\\@images.test:${port}/`, /^PANELVEC_IMAGE_URL_HOSTS does not have/],
    ] as const)
      await assert.rejects(bench.fetch(url), refusal('image_url_refused', message), url);
    assert.deepEqual([bench.dns.questions, bench.host.requests], [[], []]);
  });

  it('is in no line of the log but for its origin', async () => {
    bench.host.respond = (_, response) => response.writeHead(404).end();
    await assert.rejects(bench.fetch(bench.url('/path?signature=secret')));
    assert.equal(bench.logLines.length, 1);
    assert.match(JSON.stringify(bench.logLines), /"origin":"http:\/\/images.test:\d+"/);
    assert.doesNotMatch(JSON.stringify(bench.logLines), /secret|path/);
    bench.dns.answers = () => [];
    await assert.rejects(bench.fetch(bench.url('/path')));
    assert.match(JSON.stringify(bench.logLines[1]), /"reason":"query.* images.test"/);
  });
});
