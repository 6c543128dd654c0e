import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import request from 'supertest';
import { drawPanel, toDataUri } from '../support/images.ts';
import { assertRefused, postJson, useStrictService } from '../support/strict-service.ts';

const strict = useStrictService();

describe('images', () => {
  const raw = (bytes: Buffer, type = 'image/png') =>
    request(strict.address).post('/v1/embeddings/image').set('content-type', type).send(bytes);

  it('of other formats: 415, whatever their declared type', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    for (const bytes of [
      svg,
      await drawPanel(1).gif().toBuffer(),
      await drawPanel(1).tiff().toBuffer(),
      Buffer.from('words'),
    ]) {
      assertRefused(await raw(bytes), 415, 'unsupported_media_type', 'image');
    }
    assertRefused(await raw(svg, 'image/svg+xml'), 415, 'unsupported_media_type', 'image');
    assertRefused(await raw(svg, 'text/plain'), 415, 'unsupported_media_type', 'image');
  });

  it('over the pixel limit: 413', async () => {
    assertRefused(await raw(await drawPanel(1, 1000, 101).png().toBuffer()), 413, 'image_too_large', 'image');
  });

  it('over the byte limit: 413, by part, raw and as a data URI', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const large = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#000', noise } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    assert.ok(large.length > 100_000 && large.length < 140_000);
    assertRefused(await raw(large), 413, 'image_too_large', 'image');
    assertRefused(
      await postJson(strict.address, '/image', { input: [toDataUri(large)] }),
      413,
      'image_too_large',
      'input[0]',
    );
    const form = await request(strict.address).post('/v1/embeddings/image').attach('image', large, 'a.png');
    assertRefused(form, 413, 'image_too_large', 'image');
  });

  it('with a side longer than JPEG allows: 413', async () => {
    const thin = await sharp({ create: { width: 1, height: 65_536, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    assertRefused(await raw(thin), 413, 'image_too_large', 'image');
  });

  it('without a finite vector: 422 for their panel', async () => {
    const black = await drawPanel(1).linear(0, 0).png().toBuffer();
    assertRefused(
      await postJson(strict.address, '/panel', {
        input: [{ image: toDataUri(strict.png) }, { image: toDataUri(black) }],
      }),
      422,
      'vector_not_finite',
      'input[1]',
    );
  });

  it('that are bad do not disturb other requests', async () => {
    const black = await drawPanel(1).linear(0, 0).png().toBuffer();
    const alone = await raw(strict.png).expect(200);
    const responses = await Promise.all(
      Array.from({ length: 12 }, (_, i) => raw([strict.png, black, strict.png.subarray(0, 60)][i % 3]!)),
    );
    assert.deepEqual(
      responses.map(({ status }) => status),
      Array.from({ length: 12 }, (_, i) => [200, 422, 400][i % 3]),
    );
    for (const response of responses) if (response.status === 200) assert.deepEqual(response.body, alone.body);
  });

  it('with unknown options in the query: 400', async () => {
    const response = await request(strict.address)
      .post('/v1/embeddings/image?size=9')
      .set('content-type', 'image/png')
      .send(strict.png);
    assertRefused(response, 400, 'invalid_request', 'size');
  });
});
