import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import { assertRefused, postBytes, useStrictService } from '../../support/strict-service.ts';

const strict = useStrictService();

const ENCODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: zlib.gzipSync,
  'X-GZIP': zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
  'identity, gzip': zlib.gzipSync,
};
const json = Buffer.from('{"input":"who goes there"}');

function post(bytes: Buffer, encoding: string, type = 'application/json', call = '/text') {
  const headers = { 'content-type': type, 'content-encoding': encoding };
  return postBytes(strict.address, call, new Uint8Array(bytes), headers);
}

describe('compressed bodies', () => {
  for (const [encoding, compress] of Object.entries(ENCODERS)) {
    it(`of JSON, images, forms and tensors in ${encoding} are read as if they were not compressed`, async () => {
      const head = '--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\n';
      const form = Buffer.concat([Buffer.from(head), strict.png, Buffer.from('\r\n--x--\r\n')]);
      const cases: readonly [Buffer, string, string][] = [
        [json, 'application/json', '/text'],
        [strict.png, 'image/png', '/image'],
        [form, 'multipart/form-data; boundary=x', '/image'],
      ];
      for (const [bytes, type, call] of cases) {
        const plain = await post(bytes, 'identity', type, call);
        assert.equal(plain.status, 200, plain.text);
        assert.deepEqual((await post(compress(bytes), encoding, type, call)).body, plain.body);
      }
      const tensor = { name: 'comp_feats', datatype: 'FP32', shape: [1, 7], parameters: { binary_data_size: 28 } };
      const inferJson = Buffer.from(JSON.stringify({ inputs: [tensor] }));
      const response = await fetch(`${strict.address}/v2/models/tiny/infer`, {
        method: 'POST',
        headers: {
          'content-encoding': encoding,
          'inference-header-content-length': String(inferJson.byteLength),
        },
        body: new Uint8Array(compress(Buffer.concat([inferJson, Buffer.alloc(28)]))),
      });
      assert.equal(response.status, 200, await response.text());
    });
  }

  it('that are deflated without the header of zlib are read too', async () => {
    assert.equal((await post(zlib.deflateRawSync(json), 'deflate')).status, 200);
  });

  it('of several members of gzip are one body', async () => {
    const members = [json.subarray(0, 9), json.subarray(9)].map((part) => zlib.gzipSync(part));
    assert.equal((await post(Buffer.concat(members), 'gzip')).status, 200);
  });

  it('of nothing are an empty body', async () => {
    assertRefused(await post(zlib.gzipSync(Buffer.alloc(0)), 'gzip'), 400, 'invalid_json', null);
  });

  for (const encoding of ['compress', 'gzip, gzip', 'br, gzip', 'utf-8', '*']) {
    it(`in ${encoding} are refused with the encodings that are read: 415`, async () => {
      const response = await post(json, encoding);
      assertRefused(response, 415, 'unsupported_media_type', null);
      assert.equal(response.headers.get('accept-encoding'), 'gzip, deflate, br, zstd');
    });
  }

  for (const encoding of ['gzip', 'deflate', 'br', 'zstd']) {
    it(`that are no ${encoding}, or are cut off, are refused: 400`, async () => {
      assertRefused(await post(json, encoding), 400, 'invalid_request', null);
      const cut = ENCODERS[encoding]?.(json).subarray(0, -6) ?? json;
      assertRefused(await post(cut, encoding), 400, 'invalid_request', null);
    });

    it(`with bytes after the end of the ${encoding} data are refused, which nothing would read: 400`, async () => {
      const compressed = ENCODERS[encoding]?.(json) ?? json;
      for (const rest of [Buffer.from('rest'), ...(encoding === 'gzip' ? [] : [compressed])]) {
        assertRefused(await post(Buffer.concat([compressed, rest]), encoding), 400, 'invalid_request', null);
      }
    });

    it(`that grow over a limit in ${encoding} are refused: 413`, async () => {
      const compress = ENCODERS[encoding] ?? zlib.gzipSync;
      const bomb = compress(Buffer.alloc(50_000_000, ' '));
      assert.ok(bomb.byteLength < 100_000);
      assertRefused(await post(bomb, encoding), 413, 'body_too_large', null);
      assertRefused(await post(bomb, encoding, 'image/png', '/image'), 413, 'body_too_large', null);
      const form = Buffer.concat([
        Buffer.from('--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\n'),
        Buffer.alloc(1_000_000),
      ]);
      const type = 'multipart/form-data; boundary=x';
      assertRefused(await post(compress(form), encoding, type, '/image'), 413, 'image_too_large', 'image');
      const response = await post(json, 'identity');
      assert.equal(response.status, 200, 'the service goes on');
    });
  }
});
