import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { readConfig, SETTINGS, toEnvironment } from '../src/config.ts';

it('has a default for every setting', () => {
  const config = readConfig({});
  assert.deepEqual([config.host, config.port, config.models, config.devices], ['127.0.0.1', 8080, ['compact'], [0]]);
  assert.equal(config.home, path.resolve('var'));
});

it('keeps what is set of the layout of engines, and makes a layout for a command of the rest', () => {
  assert.deepEqual(readConfig({ PANELVEC_THREADS: 'auto' }).fixedLayout, {});
  const config = readConfig({ PANELVEC_THREADS: '3', PANELVEC_DECODE_THREADS: 'auto' });
  assert.deepEqual([config.engines, config.threads, config.fixedLayout], [1, 3, { threads: 3 }]);
});

it('reads lists and numbers, and treats an empty variable as not set', () => {
  const config = readConfig({ PANELVEC_MODELS: 'compact, other', PANELVEC_DEVICES: '0,1', PORT: '' });
  assert.deepEqual([config.models, config.devices, config.port], [['compact', 'other'], [0, 1], 8080]);
  const aliases = (text?: string) => readConfig({ PANELVEC_MODEL_ALIASES: text }).modelAliases;
  assert.deepEqual([aliases(), aliases('a=b, c=d@2')], [[], ['a=b', 'c=d@2']]);
});

for (const [env, value] of Object.entries({
  PORT: '70000',
  PANELVEC_PROVIDER: 'rocm',
  PANELVEC_DEVICES: '0,x',
  PANELVEC_THREADS: '0',
  LOG_LEVEL: 'loud',
  PANELVEC_MAX_ITEMS: '1.5',
  PANELVEC_MODEL_ALIASES: 'small',
  PANELVEC_IMAGE_URL_HOSTS: 'example.org/images',
})) {
  it(`names the variable and the option of an invalid value: ${env}`, () => {
    assert.throws(() => readConfig({ [env]: value }), {
      code: 'config_invalid',
      message: new RegExp(`^${env} \\(--[a-z-]+\\): "${value}"`),
    });
  });
}

it('takes Unix sockets where they exist, and another kind only if it is asked for', () => {
  const kind = (text?: string) => readConfig({ PANELVEC_LOCAL_SOCKETS: text }).localSockets;
  const automatic = process.platform === 'win32' ? 'tcp' : 'unix';
  assert.deepEqual([kind(), kind('auto'), kind('tcp')], [automatic, automatic, 'tcp']);
});

it('takes an IPv6 address with brackets or without', () => {
  for (const host of ['[::1]', '::1']) assert.equal(readConfig({ HOST: host }).host, '::1');
  for (const host of ['[]', 'http://localhost', 'localhost:8080', '[::1]:8080', 'local host']) {
    assert.throws(() => readConfig({ HOST: host }), { code: 'config_invalid', message: /^HOST \(--host\)/ });
  }
  for (const host of ['::', '0.0.0.0', 'my-host.example', 'fe80::1%eth0'])
    assert.equal(readConfig({ HOST: host }).host, host);
});

it('has an option of the same name for each variable', () => {
  const names = Object.values(SETTINGS).map(({ env, flag }) => [
    env.replace('PANELVEC_', '').toLowerCase(),
    flag.slice(2).replaceAll('-', '_'),
  ]);
  for (const [variableName, flag] of names) assert.equal(flag, variableName);
});

it('neither shows the key of a client nor passes it on to child processes', () => {
  assert.throws(
    () => readConfig({ PANELVEC_API_KEY: 'my secret' }),
    ({ message }: Error) => message.startsWith('PANELVEC_API_KEY') && !message.includes('secret'),
  );
  const config = readConfig({ PANELVEC_API_KEY: 'pv_secret' });
  assert.equal(config.apiKey, 'pv_secret');
  // An empty variable takes the place of the one that the child would inherit.
  assert.equal(toEnvironment(config)['PANELVEC_API_KEY'], '');
});
