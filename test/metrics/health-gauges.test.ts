import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { it } from 'node:test';
import { Registry } from 'prom-client';
import { type HealthReader, registerHealthGauges } from '../../src/metrics/health-gauges.ts';

async function readMetrics(health: Partial<HealthReader>): Promise<string> {
  const registry = new Registry();
  registerHealthGauges(registry, { isReady: () => true, databases: async () => ({}), home: tmpdir(), ...health });
  return registry.metrics();
}

it('gauges of health show readiness, each database, and the disk', async () => {
  const text = await readMetrics({ databases: async () => ({ jobs: true, collections: false }) });
  assert.match(text, /^panelvec_ready 1$/m);
  assert.match(text, /^panelvec_database_up\{database="jobs"\} 1$/m);
  assert.match(text, /^panelvec_database_up\{database="collections"\} 0$/m);
  assert.match(text, /^panelvec_home_size_bytes [1-9]/m);
  assert.match(text, /^panelvec_home_free_bytes [1-9]/m);
  assert.match(await readMetrics({ isReady: () => false }), /^panelvec_ready 0$/m);
});

it('a home that cannot be read has no numbers, and no database has none', async () => {
  const text = await readMetrics({ home: '/nowhere/at/all' });
  assert.match(text, /^panelvec_home_size_bytes Nan$/im);
  assert.match(text, /^panelvec_home_free_bytes Nan$/im);
  assert.doesNotMatch(text, /^panelvec_database_up\{/m);
});
