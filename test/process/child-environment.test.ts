import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { childEnvironment, environmentWithoutSecrets, SECRET_VARIABLES } from '../../src/process/child-environment.ts';

const CHANGED = [...SECRET_VARIABLES, 'MALLOC_TRIM_THRESHOLD_'];
const before = Object.fromEntries(CHANGED.map((name) => [name, process.env[name]]));

afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

describe('the environment of a child process', () => {
  it('has fixed thresholds of the allocator, unless the user has set others', () => {
    delete process.env['MALLOC_TRIM_THRESHOLD_'];
    assert.equal(childEnvironment()['MALLOC_TRIM_THRESHOLD_'], '131072');
    process.env['MALLOC_TRIM_THRESHOLD_'] = '7';
    assert.equal(childEnvironment()['MALLOC_TRIM_THRESHOLD_'], '7');
    assert.equal(childEnvironment({ MALLOC_TRIM_THRESHOLD_: '8' })['MALLOC_TRIM_THRESHOLD_'], '8');
  });

  it('has the secrets of the service only where they are needed', () => {
    for (const name of SECRET_VARIABLES) process.env[name] = 'secret';
    const found = (environment: NodeJS.ProcessEnv) =>
      SECRET_VARIABLES.filter((name) => environment[name] !== undefined);
    assert.deepEqual(found(childEnvironment()), [...SECRET_VARIABLES]);
    assert.deepEqual(found(environmentWithoutSecrets()), []);
    assert.equal(environmentWithoutSecrets()['PATH'], process.env['PATH']);
  });
});
