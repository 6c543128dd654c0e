import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { HistoryRecord } from '../../src/training/history/history-record.ts';
import { type ReportOptions, reportHtml } from '../../src/training-report/training-report.ts';

const TITLE = 'Training of comics';

/** A training of `steps` steps in ten epochs, the same each time. */
function* trainingRecords(steps: number): Generator<HistoryRecord> {
  const perEpoch = Math.max(1, Math.floor(steps / 10));
  for (let step = 1; step <= steps; step++) {
    const epoch = Math.ceil(step / perEpoch);
    const contrastive = 4 / (1 + step / 50) + ((step * 7919) % 101) / 300;
    const values = { loss: contrastive + 0.01, contrastive, grad_norm: 1 + (step % 3), learning_rate: 1e-4 / step };
    yield { kind: 'step', epoch, step, values };
    if (step % perEpoch !== 0) continue;
    const validation = { validation_loss: 4 / epoch, same_page_precision: 0.5, text_to_panel_recall_at_5: epoch / 20 };
    yield { kind: 'epoch', epoch, step, values: validation };
  }
}

const makeReport = (records: ReportOptions['records'], options: Partial<ReportOptions> = {}) =>
  reportHtml({ title: TITLE, facts: [['dataset', 'comics']], records, ...options });
const findSvgs = (html: string) => Array.from(html.matchAll(/<svg .*?<\/svg>/gs), ([svg]) => svg);
const findHeadings = (html: string) => Array.from(html.matchAll(/<h2>(.*?)<\/h2>/g), ([, text]) => text);
/** The numbers of points of the picture's lines that are no axes. */
const countPoints = (svg: string) =>
  Array.from(
    svg.matchAll(/<path d="([^"]*)"[^>]*stroke="#[0-9a-f]{6}"/g),
    ([, d]) => d!.match(/-?[\d.]+ -?[\d.]+/g)!.length,
  );
const stepRecords = (...values: Record<string, number>[]): HistoryRecord[] =>
  values.map((named, i) => ({ kind: 'step', epoch: 1, step: i + 1, values: named }));
const epochRecords = (...values: Record<string, number>[]): HistoryRecord[] =>
  values.map((named, i) => ({ kind: 'epoch', epoch: i + 1, step: i + 1, values: named }));

describe('a report', () => {
  it('draws a chart for each group of values, and one for each unknown name', async () => {
    const html = await makeReport([
      ...trainingRecords(100),
      ...stepRecords({ panels_per_second: 5 }),
      ...epochRecords({ 'seconds<': 7 }),
    ]);
    assert.deepEqual(findHeadings(html), [
      'Training losses',
      'Gradient norm and learning rate',
      'Retrieval',
      'Validation losses',
      'panels_per_second',
      'seconds&lt;',
    ]);
    assert.equal(findSvgs(html).length, 6);
    for (const name of ['loss', 'contrastive', 'grad_norm', 'learning_rate \\(right axis\\)', 'same_page_precision']) {
      assert.match(html, new RegExp(`</span>${name}</th>`));
    }
  });

  it('leaves out groups without values, and says where there are none at all', async () => {
    assert.deepEqual(findHeadings(await makeReport(epochRecords({ validation_loss: 1 }))), ['Validation losses']);
    for (const records of [[], stepRecords({}), stepRecords({ loss: Number.NaN })]) {
      const html = await makeReport(records);
      assert.deepEqual(findSvgs(html), []);
      assert.match(html, /nothing to draw yet/);
    }
  });

  it('has the same bytes for the same records, also in another process and after other reports', async () => {
    const html = await makeReport(trainingRecords(500));
    assert.equal(await makeReport(trainingRecords(500)), html);
    const program = `
      import { reportHtml } from ${JSON.stringify(import.meta.resolve('../../src/training-report/training-report.ts'))};
      const records = JSON.parse(${JSON.stringify(JSON.stringify([...trainingRecords(500)]))});
      process.stdout.write(await reportHtml({ title: '${TITLE}', facts: [['dataset', 'comics']], records }));`;
    const env = { ...process.env, TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8' };
    const child = spawn(process.execPath, ['--input-type=module', '-'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(program);
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    assert.equal(output, html);
  });

  it('has unique ids in each chart', async () => {
    const html = await makeReport(trainingRecords(300));
    const ids = Array.from(html.matchAll(/ id="([^"]*)"/g), ([, id]) => id!);
    assert.ok(ids.length >= 4);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, used] of html.matchAll(/url\(#([^)]*)\)/g)) assert.ok(ids.includes(used!), used);
  });

  it('needs neither network nor scripts', async () => {
    const html = await makeReport(trainingRecords(300), { notes: ['a note'] });
    assert.doesNotMatch(html, /<script|<link|<img|<iframe|@import|\bsrc=|\bhref=| on\w+=/i);
    assert.deepEqual(new Set(html.match(/https?:[^"]*/g)), new Set(['http://www.w3.org/2000/svg']));
    assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
  });

  it('escapes markup in texts and names', async () => {
    const markup = `</title><script>alert("1")</script> & 'x' {a|b} zr0-c0`;
    const records = [
      ...stepRecords({ [markup]: 1, [`${markup}_loss`]: 2 }),
      ...epochRecords({ [`validation_${markup}`]: 1 }),
    ];
    const html = await reportHtml({ title: markup, facts: [[markup, markup]], records, notes: [markup] });
    const escaped = '&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; {a|b} zr0-c0';
    assert.doesNotMatch(html, /<script|alert\("/);
    for (const fragment of [
      `<h1>${escaped}</h1>`,
      `<th scope="row">${escaped}</th><td>${escaped}</td>`,
      `<p>${escaped}</p>`,
    ]) {
      assert.ok(html.includes(fragment), fragment);
    }
    assert.ok(html.includes(`aria-label="${escaped} by step"`));
  });

  it('describes its charts for readers who do not see them', async () => {
    const [svg] = findSvgs(await makeReport(stepRecords({ loss: 3 }, { loss: 0.5 }, { loss: 1.23456 })));
    const expectedOpening =
      /^<svg [^>]* role="img" aria-label="Training losses by step"><title>Training losses by step<\/title>/;
    assert.match(svg!, expectedOpening);
    assert.match(svg!, /<desc>loss goes from 3 to 1.235, between 0.5 and 3.<\/desc>/);
    assert.match(svg!, /fill="currentColor"/);
  });

  it('is small for a long training too, and loses no spike', async () => {
    const recordsWithSpike = function* () {
      for (const record of trainingRecords(100_000))
        yield record.step === 77_777 ? { ...record, values: { loss: 123.4 } } : record;
    };
    const html = await makeReport(recordsWithSpike());
    assert.ok(html.length < 300_000, `${html.length} characters`);
    for (const svg of findSvgs(html)) assert.ok(Math.max(...countPoints(svg)) <= 2000);
    assert.match(html, /between [\d.]+ and 123.4/);
    const [, line] = /<g clip-path.*?<path d="([^"]*)"/s.exec(findSvgs(html)[0]!)!;
    const heights = line!.match(/(?<= )-?[\d.]+(?=[LM]|$)/g)!.map(Number);
    const [spike, next] = heights.sort((a, b) => a - b);
    assert.ok(next! - spike! > 20, 'one point stands out');
  });

  it('has a moving average over many values, and markers for few', async () => {
    const longReport = await makeReport(trainingRecords(201));
    assert.match(longReport, /Thick: their moving average/);
    assert.equal(countPoints(findSvgs(longReport)[0]!).length, 4);
    const shortReport = await makeReport(trainingRecords(200));
    assert.doesNotMatch(shortReport, /moving average/);
    assert.equal(countPoints(findSvgs(shortReport)[0]!).length, 2);
    const [singlePointSvg] = findSvgs(await makeReport(stepRecords({ loss: 1 })));
    assert.match(singlePointSvg!, /<circle cx="[\d.]+" cy="[\d.]+"/);
  });

  it('has a gap where a step was skipped', async () => {
    const losses = [5, 4, Number.NaN, 3, 2, Number.POSITIVE_INFINITY, 1, 1];
    const [svg] = findSvgs(await makeReport(stepRecords(...losses.map((loss) => ({ loss })))));
    const [, line] = /<g clip-path.*?<path d="([^"]*)"/s.exec(svg!)!;
    assert.equal(line!.match(/M/g)!.length, 3);
    assert.doesNotMatch(svg!, /NaN|Infinity/);
  });

  it('has a logarithmic axis where positive values differ much, and a linear one otherwise', async () => {
    const labels = async (...losses: number[]) => {
      const [svg] = findSvgs(await makeReport(stepRecords(...losses.map((loss) => ({ loss })))));
      return Array.from(svg!.matchAll(/text-anchor="end"[^>]*>([^<]*)</g), ([, label]) => label);
    };
    assert.deepEqual(await labels(100, 1), ['1', '10', '100']);
    assert.equal((await labels(40, 1)).includes('20'), true);
    assert.equal((await labels(100, 0)).includes('40'), true);
  });

  it('has an axis from 0 to 1 for fractions, and a larger one for larger values', async () => {
    const labels = async (value: number) => {
      const [svg] = findSvgs(
        await makeReport(epochRecords({ text_to_panel_recall_at_5: 0.4 }, { text_to_panel_recall_at_5: value })),
      );
      return Array.from(svg!.matchAll(/text-anchor="end"[^>]*>([^<]*)</g), ([, label]) => label);
    };
    assert.deepEqual(await labels(0.5), ['0', '0.2', '0.4', '0.6', '0.8', '1']);
    assert.equal((await labels(7)).includes('6'), true);
  });

  it('has the training loss dashed beside the validation loss, in one colour', async () => {
    const html = await makeReport(
      epochRecords({ loss: 3, contrastive: 1, validation_loss: 4 }, { loss: 2, contrastive: 1, validation_loss: 3 }),
    );
    const keys = Array.from(html.matchAll(/border-top:3px (\w+) (#\w+)"><\/span>(\w+)/g), ([, ...key]) => key);
    const [loss, contrastive, validation] = keys;
    assert.deepEqual([loss![0], validation![0]], ['dashed', 'solid']);
    assert.equal(loss![1], validation![1]);
    assert.notEqual(loss![1], contrastive![1]);
  });

  it('has charts that other programs render', async () => {
    for (const svg of findSvgs(await makeReport(trainingRecords(1000)))) {
      const { data, info } = await sharp(Buffer.from(svg))
        .flatten({ background: '#fff' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height], [760, 340]);
      const isColourful = Array.from({ length: data.length / 3 }, (_, i) => {
        const pixel = data.subarray(3 * i, 3 * i + 3);
        return Math.max(...pixel) - Math.min(...pixel) > 60;
      });
      assert.ok(isColourful.filter(Boolean).length > 500, 'there is more than axes');
    }
  });
});
