import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { drawPngPanel } from '../../support/images.ts';
import { makeZip } from '../../support/make-zip.ts';
import { type CommandResult, PANELVEC_BIN, runPanelvec } from '../../support/run-panelvec.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { waitFor } from '../../support/wait-for.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  tiny = await makeTinyModel();
  for (const number of [1, 2]) await writeFile(path.join(tiny.home, `${number}.png`), await drawPngPanel(number));
  await writeFile(path.join(tiny.home, 'broken.png'), (await drawPngPanel(1)).subarray(0, 70));
});
after(() => tiny.remove());

/** Runs the command line in the folder of the images, with the tiny model. */
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

  it('embeds the pages of CBZ files and folders as it embeds their images, in natural order', async () => {
    const [one, two] = await Promise.all([1, 2].map((number) => readFile(path.join(tiny.home, `${number}.png`))));
    const book = makeZip([
      { name: 'page 10.png', content: two ?? '' },
      { name: 'page 2.png', content: one ?? '' },
      { name: '__MACOSX/._page 2.png', content: 'x' },
    ]);
    await mkdir(path.join(tiny.home, 'shelf'));
    await writeFile(path.join(tiny.home, 'book.cbz'), book);
    await writeFile(path.join(tiny.home, 'shelf/b.cbz'), book);
    await writeFile(path.join(tiny.home, 'shelf/a.png'), one ?? '');
    const files = parseLines(await panelvec('embed', '1.png', '2.png'));
    const pages = parseLines(await panelvec('embed', 'book.cbz'));
    assert.deepEqual(
      pages.map(({ file, member }) => [file, member]),
      [
        ['book.cbz', 'page 2.png'],
        ['book.cbz', 'page 10.png'],
      ],
    );
    assert.deepEqual(
      pages.map(({ embedding }) => embedding),
      files.map(({ embedding }) => embedding),
    );
    const shelf = parseLines(await panelvec('embed', 'shelf'));
    assert.deepEqual(
      shelf.map(({ file, member }) => [file, member]),
      [
        ['shelf/a.png', undefined],
        ['shelf/b.cbz', 'page 2.png'],
        ['shelf/b.cbz', 'page 10.png'],
      ],
    );
    assert.equal((await panelvec('embed', 'book.cbz', '--out', 'book.npy')).code, 0);
    assert.match((await readFile(path.join(tiny.home, 'book.npy'))).toString('latin1', 0, 128), /'shape': \(2, 16\)/);
  });

  it('names what it cannot read of a book', async () => {
    await writeFile(path.join(tiny.home, 'rar.cbz'), 'Rar!\x1a\x07\0');
    await writeFile(path.join(tiny.home, 'none.cbz'), makeZip([{ name: 'notes.txt', content: '' }]));
    await writeFile(
      path.join(tiny.home, 'twins.cbz'),
      makeZip([
        { name: '1.png', content: 'a' },
        { name: '1.jpg', content: 'b' },
      ]),
    );
    for (const [book, problem] of [
      ['rar.cbz', /rar\.cbz: RAR is not read: repack it as CBZ/],
      ['none.cbz', /none\.cbz has no images/],
      ['twins.cbz', /one id for twins\.cbz\/1\.jpg and twins\.cbz\/1\.png/],
      ['absent.cbr', /absent\.cbr: there is no such file/],
    ] as const) {
      const { code, stderr } = await panelvec('embed', book);
      assert.notEqual(code, 0);
      assert.match(stderr, problem);
    }
  });

  it('says which texts were cut or are unknown, and refuses one that is unknown alone', async () => {
    const long = 'the cat sat on the mat and purred';
    const outcome = await panelvec(
      'embed',
      '1.png',
      '2.png',
      '--text',
      '猫が好き',
      '--text',
      long,
      '--out',
      'rows.npy',
    );
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stderr, /text of row 1: only the first 24 tokens were read/);
    assert.match(outcome.stderr, /text of row 0: the vocabulary has no word of it, so it counts as absent/);
    const [unknown, cut] = parseLines(await panelvec('embed', '1.png', '2.png', '--text', '猫が好き', '--text', long));
    assert.deepEqual([unknown.modalities, unknown.unknown_text, unknown.truncated], [['vision'], true, false]);
    assert.deepEqual([cut.modalities, cut.unknown_text, cut.truncated], [['vision', 'text'], false, true]);
    const alone = await panelvec('embed', '--text', 'a cat', '--text', '猫', '--text', '犬');
    assert.equal(alone.code, 1);
    assert.match(alone.stderr, /--text "猫": .*no word of this text, nor of --text "犬"/);
  });

  it('embeds texts, and files with one text each', async () => {
    const [alone] = parseLines(await panelvec('embed', '--text', 'hello there'));
    assert.deepEqual([alone.file, alone.modalities], [null, ['text']]);
    const [both] = parseLines(await panelvec('embed', '1.png', '--text', 'hello there'));
    assert.deepEqual([both.file, both.text, both.modalities], ['1.png', 'hello there', ['vision', 'text']]);
  });

  it('writes the same numbers to .npy and .jsonl files', async () => {
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
    ['texts that do not go with the files', ['embed', '1.png', '2.png', '--text', 'a'], 2, /2 images and 1 texts/],
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

describe('panelvec embed with an engine that is killed', () => {
  it('continues with a new engine', async () => {
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

/** All child processes of a process and their children, with the first word of their titles. */
function descendants(pid: number): { pid: number; title: string }[] {
  const children = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent]) => Number(parent) === pid)
    .map(([child, , title]) => ({ pid: Number(child), title: title! }));
  return children.flatMap((child) => [child, ...descendants(child.pid)]);
}
