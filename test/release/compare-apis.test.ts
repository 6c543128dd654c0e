import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareApis } from './compare-apis.ts';
import type { JsonObject } from './compare-schemas.ts';

const TEXT = { type: 'string' };
const NULL = { type: 'null' };
const object = (properties: JsonObject, required: readonly string[] = []): JsonObject => {
  return { type: 'object', properties, required };
};
/** A document with a call that takes the one schema and gives the other. */
function makeApi(taken: JsonObject, given: JsonObject, call: JsonObject = {}): JsonObject {
  const requestBody = { content: { 'application/json': { schema: taken } } };
  const responses = { 200: { content: { 'application/json': { schema: given } }, headers: { etag: {} } } };
  const components = {
    schemas: { Tree: object({ a: TEXT, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } }) },
  };
  return { paths: { '/x': { post: { requestBody, responses, ...call } } }, components };
}
const compareTaken = (before: JsonObject, after: JsonObject) =>
  compareApis(makeApi(before, TEXT), makeApi(after, TEXT));
const compareGiven = (before: JsonObject, after: JsonObject) =>
  compareApis(makeApi(TEXT, before), makeApi(TEXT, after));
const BODY = 'POST /x: body application/json ';
const RESPONSE = 'POST /x: response 200 application/json ';

describe('a comparison of two versions of an API', () => {
  it('sees calls, contents, statuses and headers that are gone', () => {
    const before = makeApi(TEXT, TEXT);
    assert.deepEqual(compareApis(before, { paths: { '/x': {} } }), ['POST /x: is gone']);
    assert.deepEqual(compareApis(before, makeApi(TEXT, TEXT, { requestBody: { required: true } })), [
      'POST /x: needs a body now',
      'POST /x: body: application/json is gone',
    ]);
    assert.deepEqual(compareApis(before, makeApi(TEXT, TEXT, { responses: {} })), ['POST /x: response 200: is gone']);
    const bare = { 200: { content: { 'application/json': { schema: TEXT } } } };
    assert.deepEqual(compareApis(before, makeApi(TEXT, TEXT, { responses: bare })), [
      'POST /x: response 200: the header etag is gone',
    ]);
  });

  it('sees parameters that are gone or required now', () => {
    const withParameter = (name: string, required: boolean) =>
      makeApi(TEXT, TEXT, { parameters: [{ in: 'query', name, required, schema: TEXT }] });
    assert.deepEqual(compareApis(withParameter('a', false), withParameter('b', true)), [
      'POST /x: query a: is gone',
      'POST /x: query b: is required now',
    ]);
    assert.deepEqual(compareApis(withParameter('a', true), withParameter('a', false)), []);
  });

  it('sees fields that are gone, and takes new ones', () => {
    const [before, after] = [object({ a: TEXT, b: object({ c: TEXT }) }), object({ b: object({ d: TEXT }), e: TEXT })];
    assert.deepEqual(compareTaken(before, after), [`${BODY}.a: is gone`, `${BODY}.b.c: is gone`]);
    assert.deepEqual(compareGiven(before, after), [`${RESPONSE}.a: is gone`, `${RESPONSE}.b.c: is gone`]);
    assert.deepEqual(compareGiven(after, object({ ...(after['properties'] as JsonObject), f: TEXT })), []);
  });

  it('sees what a request has to have now, and what a response may lack now', () => {
    const [optional, required] = [object({ a: TEXT }), object({ a: TEXT }, ['a'])];
    assert.deepEqual(compareTaken(optional, required), [`${BODY}.a: is required now`]);
    assert.deepEqual(compareTaken(required, optional), []);
    assert.deepEqual(compareGiven(required, optional), [`${RESPONSE}.a: may be missing now`]);
    assert.deepEqual(compareGiven(optional, required), []);
  });

  it('sees values that are gone, and takes new ones', () => {
    const [before, after] = [{ enum: ['x', 'y'] }, { enum: ['x', 'z'] }];
    for (const compare of [compareTaken, compareGiven]) {
      assert.match(compare(before, after).join(), /^POST .* : the value "y" is gone$/);
      assert.deepEqual(compare({ const: 'x' }, before), []);
    }
    assert.deepEqual(compareTaken(TEXT, { ...TEXT, enum: ['x'] }), [`${BODY}: takes only some values now`]);
  });

  it('sees types that requests may not have any more, and those that responses have now', () => {
    const [integer, number] = [{ type: 'integer' }, { type: 'number' }];
    assert.deepEqual(compareTaken(integer, number), []);
    assert.deepEqual(compareGiven(number, integer), []);
    assert.deepEqual(compareTaken(number, integer), [`${BODY}: was number, and is integer`]);
    assert.deepEqual(compareGiven(TEXT, { type: ['string', 'null'] }), [
      `${RESPONSE}: was string, and is string or null`,
    ]);
    assert.deepEqual(compareTaken({ type: ['string', 'null'] }, TEXT), [`${BODY}: was string or null, and is string`]);
  });

  it('sees alternatives that are gone, and those that responses have now', () => {
    const [pair, text] = [{ anyOf: [TEXT, NULL] }, TEXT];
    assert.deepEqual(compareTaken(text, pair), []);
    assert.deepEqual(compareTaken(pair, text), [`${BODY}: has other alternatives`]);
    assert.deepEqual(compareGiven(text, pair), [`${RESPONSE}: has other alternatives`]);
    const kind = (type: string) => object({ type: { const: type } }, ['type']);
    assert.deepEqual(compareGiven({ oneOf: [kind('a'), kind('b')] }, { oneOf: [kind('a'), kind('b'), kind('c')] }), []);
    assert.deepEqual(compareGiven({ oneOf: [kind('a'), kind('b')] }, { oneOf: [kind('a'), kind('c')] }), [
      `${RESPONSE}: has other alternatives`,
    ]);
  });

  it('sees limits that are narrower for requests', () => {
    const before = { type: 'number', maximum: 5, minimum: 1 };
    assert.deepEqual(compareTaken(before, { ...before, maximum: 4, minimum: 2 }), [
      `${BODY}: maximum is narrower`,
      `${BODY}: minimum is narrower`,
    ]);
    assert.deepEqual(compareTaken(before, { ...before, maximum: 6, minimum: 0 }), []);
    assert.deepEqual(compareGiven(before, { ...before, maximum: 4 }), []);
    assert.deepEqual(compareTaken(TEXT, { ...TEXT, pattern: '^a$' }), [`${BODY}: has another pattern`]);
    assert.deepEqual(compareTaken(object({}), { ...object({}), additionalProperties: false }), [
      `${BODY}: takes no other fields now`,
    ]);
  });

  it('follows references, also circular ones', () => {
    const tree = { $ref: '#/components/schemas/Tree' };
    const before = makeApi(TEXT, { type: 'array', items: tree });
    const after = {
      ...before,
      components: { schemas: { Tree: object({ children: { type: 'array', items: tree } }) } },
    };
    assert.deepEqual(compareApis(before, before), []);
    assert.deepEqual(compareApis(before, after), [`${RESPONSE}[].a: is gone`]);
  });
});
