import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { drawPngPanel } from '../support/images.ts';
import { startService } from '../support/in-process-service.ts';
import { SKIP_WITHOUT_IPV6 } from '../support/ipv6.ts';
import { type CommandResult, PANELVEC_BIN, runPanelvec } from '../support/run-panelvec.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  tiny = await makeTinyModel();
  for (const number of [1, 2]) await writeFile(path.join(tiny.home, `${number}.png`), await drawPngPanel(number));
  await writeFile(path.join(tiny.home, 'broken.png'), (await drawPngPanel(1)).subarray(0, 70));
});
after(() => tiny.remove());

/** Runs the command in the folder of the pictures, with the tiny model. */
function panelvec(...args: readonly string[]): Promise<CommandResult> {
  return runPanelvec(args, { PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' }, tiny.home);
}

const parseLines = ({ stdout }: CommandResult) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('panelvec embed', () => {
  it('writes a JSON line for each file', async () => {
    const outcome = await panelvec('embed', '1.png', '2.png');
    assert.equal(outcome.code, 0, outcome.stderr);
    const [first, second] = parseLines(outcome);
    assert.deepEqual(
      [first.file, first.text, first.modalities, first.embedding.length],
      ['1.png', null, ['vision'], 16],
    );
    assert.notDeepEqual(first.embedding, second.embedding);
  });

  it('embeds texts alone, and files each with its text', async () => {
    const [alone] = parseLines(await panelvec('embed', '--text', 'hello there'));
    assert.deepEqual([alone.file, alone.modalities], [null, ['text']]);
    const [both] = parseLines(await panelvec('embed', '1.png', '--text', 'hello there'));
    assert.deepEqual([both.file, both.text, both.modalities], ['1.png', 'hello there', ['vision', 'text']]);
  });

  it('writes .npy and .jsonl files that hold the same numbers', async () => {
    assert.equal(
      (await panelvec('embed', '1.png', '2.png', '--out', 'out.npy', '--normalize', '--dimensions', '5')).code,
      0,
    );
    assert.equal(
      (await panelvec('embed', '1.png', '2.png', '--out', 'out.jsonl', '--normalize', '--dimensions', '5')).code,
      0,
    );
    const npy = await readFile(path.join(tiny.home, 'out.npy'));
    assert.match(npy.toString('latin1', 0, 128), /'shape': \(2, 5\)/);
    const rows = (await readFile(path.join(tiny.home, 'out.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).embedding);
    const values = new Float32Array(Uint8Array.from(npy.subarray(npy.length - 40)).buffer);
    assert.deepEqual([...values], rows.flat());
  });

  const failures: readonly [string, readonly string[], number, RegExp][] = [
    ['nothing to embed', ['embed'], 2, /give files, --text, or both/],
    ['a missing file', ['embed', '1.png', 'nowhere.png', '--out', 'x.npy'], 1, /nowhere\.png: ENOENT/],
    [
      'a broken file',
      ['embed', '1.png', 'broken.png', '--out', 'x.npy'],
      1,
      /^panelvec: broken\.png: the image cannot be decoded/,
    ],
    ['texts that do not go with the files', ['embed', '1.png', '2.png', '--text', 'a'], 2, /2 files and 1 texts/],
    ['an unknown kind of output', ['embed', '1.png', '--out', 'x.csv'], 2, /must end in \.npy or \.jsonl/],
    ['too many dimensions', ['embed', '1.png', '--dimensions', '17'], 2, /--dimensions 17: expected 1 to 16/],
    ['an unknown flag', ['embed', '--colour'], 2, /^panelvec: unknown option '--colour'/],
    ['an unknown command', ['sing'], 2, /^panelvec: unknown command 'sing'/],
    ['a bad setting', ['serve', '--port', '99999'], 2, /^panelvec: PORT \(--port\): "99999"/],
    ['an unknown model', ['serve', '--models', 'nobody'], 1, /there is no model "nobody"/],
  ];
  for (const [name, args, code, message] of failures) {
    it(`ends with ${code} and one line for ${name}, and writes nothing`, async () => {
      const outcome = await panelvec(...args);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, message);
      assert.ok(outcome.stderr.trim().split('\n').length <= 2, outcome.stderr);
      assert.equal(outcome.stdout, '');
      assert.deepEqual(
        (await readdir(tiny.home)).filter((name) => name.startsWith('x.')),
        [],
      );
    });
  }
});

describe('panelvec embed, when its engine is killed', () => {
  it('goes on with a new one', async () => {
    const args = [
      PANELVEC_BIN,
      'embed',
      ...Array.from({ length: 400 }, (_, i) => `${(i % 2) + 1}.png`),
      '--out',
      'many.npy',
    ];
    const env = { ...process.env, PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny', PANELVEC_PROVIDER: 'cpu' };
    const child = spawn(process.execPath, args, { env, cwd: tiny.home, stdio: ['ignore', 'ignore', 'pipe'] });
    const exited = once(child, 'exit');
    const engine = await waitFor('the engine', () =>
      descendants(child.pid!).find(({ title }) => title === 'panelvec-engine'),
    );
    process.kill(engine.pid, 'SIGKILL');
    const [code] = await exited;
    // Killed while it starts, that is an error of its own; killed later, it must not be noticed.
    if (code !== 0) assert.equal(code, 1);
    else
      assert.match(
        (await readFile(path.join(tiny.home, 'many.npy'))).toString('latin1', 0, 128),
        /'shape': \(400, 16\)/,
      );
  });
});

/** Processes below one, with the first word of their titles. */
function descendants(pid: number): { pid: number; title: string }[] {
  const children = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent]) => Number(parent) === pid)
    .map(([child, , title]) => ({ pid: Number(child), title: title! }));
  return children.flatMap((child) => [child, ...descendants(child.pid)]);
}

describe('panelvec models', () => {
  it('lists the models of the home folder and the bundled ones', async () => {
    const { stdout, code } = await panelvec('models', 'list');
    assert.equal(code, 0);
    assert.match(stdout, /^compact@2\t512 dimensions\tspace [0-9a-f]{16}\t/m);
    assert.match(stdout, /^tiny@1\t16 dimensions/m);
  });

  it('verifies compact against its golden vectors', async () => {
    const { stdout, stderr, code } = await panelvec('models', 'verify', 'compact');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^compact@2 ok: 5 files, runs on cpu, 3 golden vectors, smallest cosine (1|0\.999)/);
  });

  it('fails for a file that was changed', async () => {
    const file = path.join(tiny.folder, 'text.onnx');
    const bytes = await readFile(file);
    await writeFile(file, Buffer.concat([bytes, Buffer.from('x')]));
    const { code, stderr } = await panelvec('models', 'verify', 'tiny');
    await writeFile(file, bytes);
    assert.equal(code, 1);
    assert.match(stderr, /^panelvec: .*text\.onnx has \d+ bytes/);
  });
});

describe('panelvec health', () => {
  it('says ready for a service that is, and ends with 1 for a port where nothing listens', async () => {
    const service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' });
    const { port } = new URL(service.address);
    try {
      assert.deepEqual(await panelvec('health', '--port', port), { code: 0, stdout: 'ready\n', stderr: '' });
    } finally {
      await service.close();
    }
    const { code, stderr } = await panelvec('health', '--port', port);
    assert.equal(code, 1);
    assert.match(stderr, /^panelvec: http:\S+ does not answer/);
  });
});

describe('panelvec health and jobs', () => {
  it('reach a service that listens on all IPv6 addresses', { skip: SKIP_WITHOUT_IPV6 }, async () => {
    const service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny', HOST: '::' });
    const { port } = new URL(service.address);
    try {
      assert.equal((await panelvec('health', '--host', '::', '--port', port)).stdout, 'ready\n');
      const { code, stderr } = await panelvec('jobs', 'list', '--host', '::', '--port', port);
      // The service of this test takes no jobs, and says so: the request has arrived.
      assert.deepEqual([code, /PANELVEC_JOBS/.test(stderr)], [1, true], stderr);
    } finally {
      await service.close();
    }
  });
});

describe('help', () => {
  it('ends with 0 and names every command and setting', async () => {
    const { stdout, code } = await panelvec('--help');
    assert.equal(code, 0);
    for (const command of ['serve', 'health', 'embed', 'models'])
      assert.match(stdout, new RegExp(`^  ${command}`, 'm'));
    const serve = await panelvec('serve', '--help');
    assert.equal(serve.code, 0);
    assert.match(serve.stdout, /--max-image-pixels <value>.*PANELVEC_MAX_IMAGE_PIXELS/s);
  });
});
