import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isPortableName } from '../../src/files/portable-name.ts';

it('knows the names that Windows cannot give to a file', () => {
  for (const name of ['con', 'NUL', 'aux.json', 'com1', 'LPT9.tar.gz', 'run.'])
    assert.equal(isPortableName(name), false);
  for (const name of ['console', 'null', 'com10', 'run-1.0', 'aux-1']) assert.equal(isPortableName(name), true, name);
});
