import { it } from 'node:test';
import request from 'supertest';
import { assertRefused } from '../../../support/strict-service.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

const service = useTinyService();

it('POST /v1/search says why a service has no collections', async () => {
  const response = await request(service.address).post('/v1/search').send({ collection: 'c', text: 'a' });
  assertRefused(response, 503, 'search_unavailable', null);
});
