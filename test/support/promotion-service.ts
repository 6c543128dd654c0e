import assert from 'node:assert/strict';
import request from 'supertest';
import type { AliasResponse } from '../../src/http/routes/promotion/alias-schemas.ts';
import { drawPngPanel, toDataUri } from './images.ts';

/** Activates a model. @throws AssertionError with the response if it is refused */
export async function activate(address: string, id: string, body: object = {}): Promise<AliasResponse> {
  const response = await request(address).post(`/v1/models/${id}/activate`).send(body);
  assert.equal(response.status, 200, response.text);
  return response.body;
}

export async function rollback(address: string, alias = 'default'): Promise<AliasResponse> {
  const response = await request(address).post('/v1/models/rollback').send({ alias });
  assert.equal(response.status, 200, response.text);
  return response.body;
}

export interface Answer {
  readonly model: string;
  /** base64 of little-endian float32 */
  readonly vector: string;
}

/** A request of one kind. Resolves to what was answered. @throws AssertionError if it fails */
export type Ask = (address: string, model?: string) => Promise<Answer>;

/** A request of a text, of a picture and of a page. */
export async function createAsks(): Promise<Readonly<Record<'text' | 'picture' | 'page', Ask>>> {
  const png = await drawPngPanel(3);
  const image = toDataUri(png);
  const body = ({ status, text, body }: request.Response) => {
    assert.equal(status, 200, text);
    return body;
  };
  return {
    async text(address, model) {
      const query = { input: ['a cat sits'], encoding_format: 'base64', model };
      const { model: id, data } = body(await request(address).post('/v1/embeddings/text').send(query));
      return { model: id, vector: data[0].embedding };
    },
    async picture(address, model) {
      const sent = request(address).post('/v1/embeddings/image').query({ encoding_format: 'base64', model });
      const { model: id, data } = body(await sent.set('content-type', 'image/png').send(png));
      return { model: id, vector: data[0].embedding };
    },
    async page(address, model) {
      const panels = [{ bbox: [0, 0, 8, 8], text: 'oh no' }];
      const page = { image, panels, options: { model, encoding_format: 'base64' } };
      const { model: id, data } = body(await request(address).post('/v1/embeddings/page').send(page));
      return { model: id, vector: data[0].panel_embeddings[0] };
    },
  };
}
