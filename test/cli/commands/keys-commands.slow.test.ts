import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { spawnService } from '../../support/service-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { panelvec, tiny } from '../tiny-command-line.ts';

const KEY = /^pv_([a-z2-7]{12})_[\w-]{43}\n$/;

describe('panelvec keys', () => {
  it('makes, lists and revokes keys before there is a service, and while one runs', async () => {
    const created = await panelvec(
      'keys',
      'create',
      '--name',
      'shop, new',
      '--scopes',
      'jobs,embed,jobs',
      '--expires',
      '90d',
    );
    const [, id = ''] = KEY.exec(created.stdout) ?? [];
    assert.equal(created.code, 0, created.stderr);
    assert.match(
      created.stderr,
      new RegExp(`^This is the key ${id} \\(shop, new: jobs, embed\\). It expires at \\d{4}-`),
    );
    const key = created.stdout.trim();
    assert.ok(!created.stderr.includes(key));

    const service = await spawnService({
      PANELVEC_HOME: tiny.home,
      PANELVEC_MODELS: 'tiny',
      PANELVEC_JOBS: 'on',
      PANELVEC_WORKERS: '0',
      // A key makes this possible.
      HOST: '0.0.0.0',
    });
    try {
      const { port } = new URL(service.address);
      const listJobs = (apiKey: string) =>
        runPanelvec(['jobs', 'list', '--port', port], { PANELVEC_API_KEY: apiKey, HOST: '127.0.0.1' }, tiny.home);
      assert.deepEqual(await listJobs(key), { code: 0, stdout: '', stderr: '' });
      const withoutKey = await listJobs('');
      assert.deepEqual(
        [withoutKey.code, /^panelvec: send a key/.test(withoutKey.stderr)],
        [1, true],
        withoutKey.stderr,
      );

      const second = await panelvec('keys', 'create', '--name', 'shop, new', '--scopes', 'search');
      assert.match(second.stderr, /does not expire/);
      const refused = await listJobs(second.stdout.trim());
      assert.deepEqual(refused, {
        code: 1,
        stdout: '',
        stderr: 'panelvec: the key "shop, new" lacks the scope jobs\n',
      });

      const revoked = await panelvec('keys', 'revoke', id);
      assert.match(revoked.stdout, new RegExp(`^${id}  shop, new  jobs,embed  created \\S+  revoked \\S+  `));
      await waitFor('the key to be refused', async () => /was revoked/.test((await listJobs(key)).stderr), 30_000);
      const { stdout } = await panelvec('keys', 'list');
      const lines = stdout.trimEnd().split('\n');
      assert.equal(lines.length, 2);
      assert.match(lines[0] ?? '', /revoked \S+ {2}last used \S+$/);
      assert.match(lines[1] ?? '', /shop, new {2}search {2}created \S+ {2}(never used|last used \S+)$/);
      assert.ok(!stdout.includes(key.slice(16)));
    } finally {
      service.child.kill('SIGTERM');
      await service.exited;
    }
  });

  it('names what is wrong, and never repeats a key', async () => {
    for (const [args, message] of [
      [['create', '--name', 'a', '--scopes', 'read'], /"read" is no scope: give embed, search, jobs, admin/],
      [['create', '--name', ' ', '--scopes', 'embed'], /expected 1 to 100 letters/],
      [['create', '--name', 'a', '--scopes', 'embed', '--expires', 'soon'], /expected 90d/],
      [['create', '--scopes', 'embed'], /--name/],
    ] as const) {
      const { code, stderr } = await panelvec('keys', ...args);
      assert.deepEqual([code, message.test(stderr)], [2, true], stderr);
    }
    const unknown = await panelvec('keys', 'revoke', 'pv_secret');
    assert.deepEqual([unknown.code, /no key has this id/.test(unknown.stderr)], [1, true], unknown.stderr);
    assert.ok(!unknown.stderr.includes('pv_secret'));
    const off = await runPanelvec(['keys', 'list'], { PANELVEC_HOME: tiny.home, PANELVEC_JOBS: 'off' }, tiny.home);
    assert.deepEqual([off.code, /there is no database/.test(off.stderr)], [2, true], off.stderr);
  });
});

describe('a service that other machines reach', () => {
  it('does not start without a key, and says both ways out', async () => {
    const environment = { PANELVEC_MODELS: 'tiny', PANELVEC_SEARCH: 'off', HOST: '0.0.0.0', PORT: '0' };
    const home = `${tiny.home}/without-keys`;
    const roots = { PANELVEC_HOME: home, PANELVEC_MODELS: tiny.folder };
    for (const jobs of ['on', 'off']) {
      const { code, stderr } = await runPanelvec(
        ['serve'],
        { ...environment, ...roots, PANELVEC_JOBS: jobs },
        tiny.home,
      );
      assert.equal(code, 2, stderr);
      assert.match(stderr, /HOST=0\.0\.0\.0 is no loopback address.*panelvec keys create.*PANELVEC_ALLOW_ANONYMOUS=1/);
    }
  });
});
