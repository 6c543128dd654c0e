import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import request from 'supertest';
import { errorAnswerSchema } from '../../src/http/error-answer.ts';
import type { RunningService } from '../../src/http/serve.ts';
import { dataUri, drawPanel, pngPanel } from '../support/images.ts';
import { startService } from '../support/services.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

let service: RunningService;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let png: Buffer;
before(async () => {
  tiny = await makeTinyModel({ divides: true });
  service = await startService({
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'tiny',
    PANELVEC_MAX_ITEMS: '4',
    PANELVEC_MAX_BODY_BYTES: '200000',
    PANELVEC_MAX_IMAGE_BYTES: '100000',
    PANELVEC_MAX_IMAGE_PIXELS: '100000',
    PANELVEC_MAX_TEXT_CHARACTERS: '100',
    PANELVEC_REQUEST_TIMEOUT_SECONDS: '0.5',
  });
  png = await pngPanel(1);
});
after(async () => {
  await service.close();
  await tiny.remove();
});

interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
}

/** The one error form, with the status, code and field expected, and nothing of the server's inside in it. */
function assertRefused(response: Refusal, status: number, code: string, param: string | null): void {
  assert.equal(response.status, status, response.text);
  const { error } = errorAnswerSchema.parse(response.body);
  assert.deepEqual({ code: error.code, param: error.param }, { code, param }, error.message);
  assert.doesNotMatch(response.text, /node_modules|\.ts:|\n\s+at /);
}

function post(call: string, body: unknown) {
  return request(service.address)
    .post(`/v1/embeddings${call}`)
    .set('content-type', 'application/json')
    .send(JSON.stringify(body));
}

describe('JSON bodies', () => {
  const good = () => dataUri(png);
  const cases: readonly [string, string, () => unknown, number, string, string | null][] = [
    ['empty text', '/text', () => ({ input: ['fine', ''] }), 400, 'invalid_request', 'input[1]'],
    ['blank text', '/text', () => ({ input: ' \n' }), 400, 'invalid_request', 'input'],
    ['text that is no string', '/text', () => ({ input: ['fine', 3] }), 400, 'invalid_request', 'input[1]'],
    ['no text at all', '/text', () => ({ input: [] }), 400, 'invalid_request', 'input'],
    ['a missing input', '/text', () => ({}), 400, 'invalid_request', 'input'],
    ['a body that is null', '/text', () => null, 400, 'invalid_request', null],
    ['a body that is a list', '/panel', () => [], 400, 'invalid_request', null],
    ['too long a text', '/text', () => ({ input: ['a'.repeat(101)] }), 413, 'text_too_long', 'input[0]'],
    ['too many texts', '/text', () => ({ input: Array(5).fill('a') }), 413, 'too_many_items', 'input'],
    ['an unknown field', '/text', () => ({ input: 'a', inputs: 'b' }), 400, 'invalid_request', 'inputs'],
    ['an unknown model', '/text', () => ({ input: 'a', model: 'gpt' }), 404, 'model_not_found', 'model'],
    ['another space', '/text', () => ({ input: 'a', expected_space: 'x' }), 409, 'space_mismatch', 'expected_space'],
    ['too many dimensions', '/text', () => ({ input: 'a', dimensions: 17 }), 400, 'invalid_request', 'dimensions'],
    ['no dimensions', '/text', () => ({ input: 'a', dimensions: 0 }), 400, 'invalid_request', 'dimensions'],
    ['half a dimension', '/text', () => ({ input: 'a', dimensions: 1.5 }), 400, 'invalid_request', 'dimensions'],
    ['an unknown output', '/text', () => ({ input: 'a', outputs: ['pooled'] }), 400, 'invalid_request', 'outputs[0]'],
    [
      'an output that a text cannot have',
      '/text',
      () => ({ input: 'a', outputs: ['vision'] }),
      400,
      'invalid_request',
      'outputs',
    ],
    [
      'an unknown encoding',
      '/text',
      () => ({ input: 'a', encoding_format: 'hex' }),
      400,
      'invalid_request',
      'encoding_format',
    ],
    ['token ids', '', () => ({ input: [[1, 2]] }), 400, 'invalid_request', 'input[0]'],
    [
      'an address instead of an image',
      '/image',
      () => ({ input: 'http://example.org/a.png' }),
      400,
      'invalid_request',
      'input',
    ],
    ['a panel without anything', '/panel', () => ({ input: [{ text: 'a' }, {}] }), 400, 'invalid_request', 'input[1]'],
    [
      'a panel with empty text',
      '/panel',
      () => ({ input: [{ image: good(), text: '' }] }),
      400,
      'invalid_request',
      'input[0].text',
    ],
    [
      'six numbers',
      '/panel',
      () => ({ input: [{ composition: [1, 2, 3, 4, 5, 6] }] }),
      400,
      'invalid_request',
      'input[0].composition',
    ],
    [
      'a null among the numbers',
      '/panel',
      () => ({ input: [{ composition: [1, 2, null, 4, 5, 6, 7] }] }),
      400,
      'invalid_request',
      'input[0].composition[2]',
    ],
    [
      'a huge number',
      '/panel',
      () => ({ input: [{ composition: [1, 2, 3, 4, 5, 6, 1e30] }] }),
      400,
      'invalid_request',
      'input[0].composition[6]',
    ],
    [
      'an output that one panel lacks',
      '/panel',
      () => ({ input: [{ text: 'a' }, { image: good() }], outputs: ['text'] }),
      400,
      'invalid_request',
      'outputs',
    ],
    [
      'an image that is cut off',
      '/panel',
      () => ({ input: [{ image: dataUri(png.subarray(0, png.length / 2)) }] }),
      400,
      'image_unreadable',
      'input[0].image',
    ],
    [
      'a panel without a box',
      '/page',
      () => ({ image: good(), panels: [{ text: 'a' }] }),
      400,
      'invalid_request',
      'panels[0]',
    ],
    [
      'a panel with two boxes',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [0, 0, 9, 9], box_2d: [0, 0, 9, 9] }] }),
      400,
      'invalid_request',
      'panels[0]',
    ],
    [
      'a box without area',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [0, 0, 9, 9] }, { bbox: [5, 5, 0, 9] }] }),
      400,
      'invalid_request',
      'panels[1].bbox',
    ],
    [
      'a box off the page',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [5000, 0, 9, 9] }] }),
      400,
      'invalid_request',
      'panels[0].bbox',
    ],
    [
      'a VLM box upside down',
      '/page',
      () => ({ image: good(), panels: [{ box_2d: [900, 0, 100, 500] }] }),
      400,
      'invalid_request',
      'panels[0].box_2d',
    ],
    [
      'a box of three numbers',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [0, 0, 9] }] }),
      400,
      'invalid_request',
      'panels[0].bbox',
    ],
    ['a page without an image', '/page', () => ({ panels: [] }), 400, 'invalid_request', 'image'],
    ['panels that are null', '/page', () => ({ image: good(), panels: null }), 400, 'invalid_request', 'panels'],
    [
      'a bad second page',
      '/page',
      () => ({
        pages: [
          { image: good(), panels: [] },
          { image: good(), panels: [{ bbox: [0, 0, 0, 0] }] },
        ],
      }),
      400,
      'invalid_request',
      'pages[1].panels[0].bbox',
    ],
    [
      'too many panels',
      '/page',
      () => ({ image: good(), panels: Array(5).fill({ bbox: [0, 0, 9, 9] }) }),
      413,
      'too_many_items',
      'panels',
    ],
    [
      'padding that is too short',
      '/page',
      () => ({ image: good(), pad_to: 1, panels: Array(2).fill({ bbox: [0, 0, 9, 9] }) }),
      400,
      'invalid_request',
      'pad_to',
    ],
    [
      'the text of both forms',
      '/page',
      () => ({ image: good(), panels: [{ bbox: [0, 0, 9, 9], text: 'a', description: 'b' }] }),
      400,
      'invalid_request',
      'panels[0]',
    ],
  ];
  for (const [what, call, body, status, code, param] of cases) {
    it(`${what}: ${status}`, async () => assertRefused(await post(call, body()), status, code, param));
  }

  const texts: readonly [string, string, number, string][] = [
    ['broken JSON', '{"input":', 400, 'invalid_json'],
    ['NaN, which JSON does not know', '{"input":[{"composition":[NaN,1,1,1,1,1,1]}]}', 400, 'invalid_json'],
    ['an infinite number', '{"input":[{"composition":[1e999,1,1,1,1,1,1]}]}', 400, 'invalid_request'],
    ['a field named __proto__', '{"__proto__":{"a":1},"input":[]}', 400, 'invalid_json'],
    ['an empty body', '', 400, 'invalid_json'],
    ['brackets without end', '['.repeat(100_000), 400, 'invalid_json'],
    ['a list of very many values', `{"input":[${'1,'.repeat(60_000)}1]}`, 413, 'too_many_items'],
    ['a body over the limit', JSON.stringify({ input: 'a'.repeat(200_001) }), 413, 'body_too_large'],
  ];
  for (const [what, text, status, code] of texts) {
    it(`${what}: ${status}`, async () => {
      const response = await request(service.address)
        .post('/v1/embeddings/panel')
        .set('content-type', 'application/json')
        .send(text);
      assert.equal(response.status, status, response.text);
      assert.equal(errorAnswerSchema.parse(response.body).error.code, code);
    });
  }
});

describe('images', () => {
  const raw = (bytes: Buffer, type = 'image/png') =>
    request(service.address).post('/v1/embeddings/image').set('content-type', type).send(bytes);

  it('of other formats: 415, whatever they call themselves', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    for (const bytes of [
      svg,
      await drawPanel(1).gif().toBuffer(),
      await drawPanel(1).tiff().toBuffer(),
      Buffer.from('words'),
    ]) {
      assertRefused(await raw(bytes), 415, 'unsupported_media_type', 'image');
    }
    assertRefused(await raw(svg, 'image/svg+xml'), 415, 'unsupported_media_type', null);
    assertRefused(await raw(svg, 'text/plain'), 415, 'unsupported_media_type', null);
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
    assertRefused(await post('/image', { input: [dataUri(large)] }), 413, 'image_too_large', 'input[0]');
    const form = await request(service.address).post('/v1/embeddings/image').attach('image', large, 'a.png');
    assertRefused(form, 413, 'image_too_large', 'image');
  });

  it('with a side over what JPEG can hold: 413', async () => {
    const thin = await sharp({ create: { width: 1, height: 65_536, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    assertRefused(await raw(thin), 413, 'image_too_large', 'image');
  });

  it('without a finite vector: 422 for their panel', async () => {
    const black = await drawPanel(1).linear(0, 0).png().toBuffer();
    assertRefused(
      await post('/panel', { input: [{ image: dataUri(png) }, { image: dataUri(black) }] }),
      422,
      'vector_not_finite',
      'input[1]',
    );
  });

  it('that are bad lose nothing for other requests', async () => {
    const black = await drawPanel(1).linear(0, 0).png().toBuffer();
    const alone = await raw(png).expect(200);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => raw([png, black, png.subarray(0, 60)][at % 3]!)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array.from({ length: 12 }, (_, at) => [200, 422, 400][at % 3]),
    );
    for (const answer of answers) if (answer.status === 200) assert.deepEqual(answer.body, alone.body);
  });

  it('with unknown options in the query: 400', async () => {
    const response = await request(service.address)
      .post('/v1/embeddings/image?size=9')
      .set('content-type', 'image/png')
      .send(png);
    assertRefused(response, 400, 'invalid_request', 'size');
  });
});

describe('multipart bodies', () => {
  const form = (call = '/image') => request(service.address).post(`/v1/embeddings${call}`);
  const send = (body: string | Buffer, type = 'multipart/form-data; boundary=x') =>
    form().set('content-type', type).send(body);
  const part = (name: string, value: string) =>
    `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

  it('of unknown parts: 400', async () => {
    assertRefused(await form().attach('image', png, 'a.png').field('size', '9'), 400, 'invalid_request', 'size');
    assertRefused(await form().attach('photo', png, 'a.png'), 400, 'invalid_request', 'photo');
  });

  it('without an image: 400', async () => {
    assertRefused(await form().field('normalize', 'true'), 400, 'invalid_request', 'image');
  });

  it('with too many images: 413', async () => {
    const request = form();
    for (let at = 0; at < 5; at++) request.attach('image', png, 'a.png');
    assert.equal((await request).status, 413);
  });

  it('whose request names a part that is missing, or is missing itself: 400', async () => {
    const body = JSON.stringify({ input: [{ image: 'left' }] });
    assertRefused(await form('/panel').field('request', body), 400, 'invalid_request', 'input[0].image');
    assertRefused(await form('/panel').attach('left', png, 'a.png'), 400, 'invalid_request', 'request');
    assertRefused(await form('/panel').field('request', '{'), 400, 'invalid_json', 'request');
  });

  it('with files that the request does not name: 400', async () => {
    const body = JSON.stringify({ input: [{ text: 'a' }] });
    const response = await form('/panel').field('request', body).attach('left', png, 'a.png');
    assertRefused(response, 400, 'invalid_request', 'left');
  });

  it('that are broken: 400', async () => {
    const bodies = [
      '',
      'garbage',
      part('normalize', 'true'),
      `${part('normalize', 'true')}--x`,
      `--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\nabc`,
    ];
    for (const body of bodies) {
      const response = await send(body);
      assert.equal(response.status, 400, `${JSON.stringify(body)}: ${response.text}`);
      errorAnswerSchema.parse(response.body);
    }
    errorAnswerSchema.parse((await send('--x--\r\n', 'multipart/form-data')).body);
  });

  it('that are over the limit between their parts: 413', async () => {
    const body = `${'x'.repeat(210_000)}\r\n${part('normalize', 'true')}--x--\r\n`;
    assertRefused(await send(body), 413, 'body_too_large', null);
    const answer = await rawAnswer(
      `POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\ncontent-type: multipart/form-data; boundary=x\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    assert.match(answer, /"code":"body_too_large"/);
  });

  it('whose request calls itself JSON are taken, and refused where it is none or comes twice', async () => {
    const typed = (value: string) =>
      `--x\r\ncontent-disposition: form-data; name="request"\r\ncontent-type: application/json\r\n\r\n${value}\r\n`;
    const panel = (body: string) => form('/panel').set('content-type', 'multipart/form-data; boundary=x').send(body);
    assert.equal((await panel(`${typed('{"input":[{"text":"a"}]}')}--x--\r\n`)).status, 200);
    assertRefused(await panel(`${typed('{"input":')}--x--\r\n`), 400, 'invalid_json', 'request');
    const twice = form('/panel')
      .field('request', '{"input":[{"text":"a"}]}')
      .attach('request', Buffer.from('{}'), 'a.json');
    assertRefused(await twice, 400, 'invalid_request', 'request');
  });

  it('that are refused early leave their connection usable', async () => {
    const refused = `${part('model', 'a')}${part('model', 'b')}--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\n${'y'.repeat(90_000)}\r\n--x--\r\n`;
    const head = `POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: ${refused.length}\r\n\r\n`;
    const answer = await rawAnswer(
      `${head}${refused}GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 400 .*HTTP\/1\.1 200 /s);
  });

  it('that give a field twice, or one of a forbidden name: 400', async () => {
    assertRefused(await send(`${part('model', 'a')}${part('model', 'b')}--x--\r\n`), 400, 'invalid_request', 'model');
    const response = await send(`${part('__proto__', 'a')}--x--\r\n`);
    assert.equal(response.status, 400);
  });
});

describe('requests', () => {
  it('to places that are not there: 404', async () => {
    assertRefused(await request(service.address).get('/v2'), 404, 'not_found', null);
    assertRefused(await request(service.address).get('/v1/models/nobody'), 404, 'model_not_found', 'model');
  });

  it('by a method that is not allowed: 405 with Allow', async () => {
    const response = await request(service.address).get('/v1/embeddings/text');
    assertRefused(response, 405, 'method_not_allowed', null);
    assert.equal(response.headers['allow'], 'POST');
    assertRefused(await request(service.address).delete('/health/live'), 405, 'method_not_allowed', null);
  });

  it('of a type that the call does not take: 415, before the body is read', async () => {
    const call = request(service.address).post('/v1/embeddings/text');
    assertRefused(await call.set('content-type', 'image/png').send(png), 415, 'unsupported_media_type', null);
    const form = await request(service.address).post('/v1/embeddings/text').field('input', 'a');
    assertRefused(form, 415, 'unsupported_media_type', null);
  });

  for (const call of ['', '/text', '/panel', '/page']) {
    it(`with options in the query of POST /v1/embeddings${call}, where they would be lost: 400`, async () => {
      const response = await request(service.address).post(`/v1/embeddings${call}?dimensions=4`).send({ input: 'a' });
      assertRefused(response, 400, 'invalid_request', 'dimensions');
    });
  }

  it('that expect what nobody gives: 417', async () => {
    const answer = await rawAnswer('GET /health/live HTTP/1.1\r\nhost: a\r\nexpect: 999\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 417 /);
  });

  it('whose address is malformed: 400', async () => {
    const response = await request(service.address).get('/v1/models/%ZZ');
    assert.equal(response.status, 400);
    errorAnswerSchema.parse(response.body);
  });

  for (const [what, type] of [
    ['JSON', 'application/json'],
    ['image', 'image/png'],
    ['multipart', 'multipart/form-data; boundary=x'],
  ]) {
    it(`whose ${what} body never ends: 408`, async () => {
      const answer = await rawAnswer(
        `POST /v1/embeddings/image HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: 5000\r\n\r\n--x\r\n{"input"`,
      );
      assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/);
      const { error } = errorAnswerSchema.parse(JSON.parse(answer.split('\r\n\r\n')[1]!));
      assert.equal(error.code, 'request_timeout');
    });
  }

  it('that are no HTTP: 400 in the same form', async () => {
    const answer = await rawAnswer('nonsense\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 400 /);
    errorAnswerSchema.parse(JSON.parse(answer.split('\r\n\r\n')[1]!));
  });
});

/** Everything that the service says to bytes sent as they are, until it hangs up. */
function rawAnswer(bytes: string): Promise<string> {
  const { port, hostname } = new URL(service.address);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
