import assert from 'node:assert/strict';
import { it } from 'node:test';
import { buildOpenapiDocument } from '../../../../../src/http/openapi-document.ts';
import { JOB_TYPES } from '../../../../../src/jobs/job-spec.ts';
import {
  fieldKind,
  type JsonSchema,
  jobSchemasOf,
  typeOf,
} from '../../../../../src/web/views/jobs/submit/json-schema.ts';

it('each kind of schema has a field of its kind; what fits none is JSON', () => {
  const kindOf = (schema: JsonSchema) => fieldKind(schema).kind;
  assert.equal(kindOf({ anyOf: [{ type: 'integer' }, { type: 'null' }] }), 'number');
  assert.equal(kindOf({ type: ['string', 'null'] }), 'text');
  assert.deepEqual(fieldKind({ type: ['boolean', 'null'] }), { kind: 'choice', options: [true, false] });
  assert.deepEqual(fieldKind({ enum: [1, 'pixels'] }), { kind: 'choice', options: [1, 'pixels'] });
  assert.equal(kindOf({ type: 'array', items: { type: 'string', enum: ['a'] } }), 'choices');
  assert.equal(kindOf({ type: 'array', items: { type: 'string' } }), 'texts');
  assert.equal(kindOf({ type: 'array', items: { type: 'object' } }), 'json');
  assert.equal(kindOf({ type: 'object' }), 'json');
  assert.equal(kindOf({ anyOf: [{ type: 'string' }, { type: 'number' }] }), 'json');
});

it('every kind of job of the service has a form', async () => {
  const schemas = jobSchemasOf(await buildOpenapiDocument());
  assert.deepEqual(schemas.map(typeOf).sort(), [...JOB_TYPES].sort());
  for (const schema of schemas) {
    const kind = fieldKind(schema);
    assert.ok(kind.kind === 'object' && 'output' in kind.properties, typeOf(schema));
  }
});
