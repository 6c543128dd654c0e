import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { HistoryRecord } from '../../../src/training/history/record.ts';
import { type ReportOptions, reportHtml } from '../../../src/training/history/report.ts';

const TITLE = 'Training of comics';

/** A training of `steps` steps in ten epochs, the same each time. */
function* training(steps: number): Generator<HistoryRecord> {
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

const report = (records: ReportOptions['records'], more: Partial<ReportOptions> = {}) =>
  reportHtml({ title: TITLE, facts: [['dataset', 'comics']], records, ...more });
const pictures = (html: string) => Array.from(html.matchAll(/<svg .*?<\/svg>/gs), ([svg]) => svg);
const headings = (html: string) => Array.from(html.matchAll(/<h2>(.*?)<\/h2>/g), ([, text]) => text);
/** The numbers of points of the picture's lines that are no axes. */
const pointCounts = (svg: string) =>
  Array.from(
    svg.matchAll(/<path d="([^"]*)"[^>]*stroke="#[0-9a-f]{6}"/g),
    ([, d]) => d!.match(/-?[\d.]+ -?[\d.]+/g)!.length,
  );
const steps = (...values: Record<string, number>[]): HistoryRecord[] =>
  values.map((named, at) => ({ kind: 'step', epoch: 1, step: at + 1, values: named }));
const epochs = (...values: Record<string, number>[]): HistoryRecord[] =>
  values.map((named, at) => ({ kind: 'epoch', epoch: at + 1, step: at + 1, values: named }));

describe('a report', () => {
  it('draws each group of values that there are, and a new one on its own', async () => {
    const html = await report([...training(100), ...steps({ panels_per_second: 5 }), ...epochs({ 'seconds<': 7 })]);
    assert.deepEqual(headings(html), [
      'Training losses',
      'Gradient norm and learning rate',
      'Retrieval',
      'Validation losses',
      'panels_per_second',
      'seconds&lt;',
    ]);
    assert.equal(pictures(html).length, 6);
    for (const name of ['loss', 'contrastive', 'grad_norm', 'learning_rate \\(right axis\\)', 'same_page_precision']) {
      assert.match(html, new RegExp(`</span>${name}</th>`));
    }
  });

  it('leaves out groups that there are not, and says where there is nothing', async () => {
    assert.deepEqual(headings(await report(epochs({ validation_loss: 1 }))), ['Validation losses']);
    for (const records of [[], steps({}), steps({ loss: Number.NaN })]) {
      const html = await report(records);
      assert.deepEqual(pictures(html), []);
      assert.match(html, /nothing to draw yet/);
    }
  });

  it('has the same bytes for the same records, also in another process and after other reports', async () => {
    const html = await report(training(500));
    assert.equal(await report(training(500)), html);
    const program = `
      import { reportHtml } from ${JSON.stringify(import.meta.resolve('../../../src/training/history/report.ts'))};
      const records = JSON.parse(${JSON.stringify(JSON.stringify([...training(500)]))});
      process.stdout.write(await reportHtml({ title: '${TITLE}', facts: [['dataset', 'comics']], records }));`;
    const env = { ...process.env, TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8' };
    const child = spawn(process.execPath, ['--input-type=module', '-'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(program);
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    assert.equal(output, html);
  });

  it('has ids of its own in each picture', async () => {
    const html = await report(training(300));
    const ids = Array.from(html.matchAll(/ id="([^"]*)"/g), ([, id]) => id!);
    assert.ok(ids.length >= 4);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, used] of html.matchAll(/url\(#([^)]*)\)/g)) assert.ok(ids.includes(used!), used);
  });

  it('needs neither network nor scripts', async () => {
    const html = await report(training(300), { notes: ['a note'] });
    assert.doesNotMatch(html, /<script|<link|<img|<iframe|@import|\bsrc=|\bhref=| on\w+=/i);
    assert.deepEqual(new Set(html.match(/https?:[^"]*/g)), new Set(['http://www.w3.org/2000/svg']));
    assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
  });

  it('shows markup in texts and names as text', async () => {
    const bad = `</title><script>alert("1")</script> & 'x' {a|b} zr0-c0`;
    const named = [...steps({ [bad]: 1, [`${bad}_loss`]: 2 }), ...epochs({ [`validation_${bad}`]: 1 })];
    const html = await reportHtml({ title: bad, facts: [[bad, bad]], records: named, notes: [bad] });
    const shown = '&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; {a|b} zr0-c0';
    assert.doesNotMatch(html, /<script|alert\("/);
    for (const place of [`<h1>${shown}</h1>`, `<th scope="row">${shown}</th><td>${shown}</td>`, `<p>${shown}</p>`]) {
      assert.ok(html.includes(place), place);
    }
    assert.ok(html.includes(`aria-label="${shown} by step"`));
  });

  it('tells what its pictures show to those who do not see them', async () => {
    const [svg] = pictures(await report(steps({ loss: 3 }, { loss: 0.5 }, { loss: 1.23456 })));
    const opening =
      /^<svg [^>]* role="img" aria-label="Training losses by step"><title>Training losses by step<\/title>/;
    assert.match(svg!, opening);
    assert.match(svg!, /<desc>loss goes from 3 to 1.235, between 0.5 and 3.<\/desc>/);
    assert.match(svg!, /fill="currentColor"/);
  });

  it('is small however long the training was, and loses no spike', async () => {
    const spiky = function* () {
      for (const record of training(100_000))
        yield record.step === 77_777 ? { ...record, values: { loss: 123.4 } } : record;
    };
    const html = await report(spiky());
    assert.ok(html.length < 300_000, `${html.length} characters`);
    for (const svg of pictures(html)) assert.ok(Math.max(...pointCounts(svg)) <= 2000);
    assert.match(html, /between [\d.]+ and 123.4/);
    const [, line] = /<g clip-path.*?<path d="([^"]*)"/s.exec(pictures(html)[0]!)!;
    const heights = line!.match(/(?<= )-?[\d.]+(?=[LM]|$)/g)!.map(Number);
    const [spike, next] = heights.sort((a, b) => a - b);
    assert.ok(next! - spike! > 20, 'one point stands out');
  });

  it('has a moving average over many values, and marks for few', async () => {
    const many = await report(training(201));
    assert.match(many, /Thick: their moving average/);
    assert.equal(pointCounts(pictures(many)[0]!).length, 4);
    const some = await report(training(200));
    assert.doesNotMatch(some, /moving average/);
    assert.equal(pointCounts(pictures(some)[0]!).length, 2);
    const [one] = pictures(await report(steps({ loss: 1 })));
    assert.match(one!, /<path d="M1 0A1 1 0 1 1/);
  });

  it('has a gap where a step was skipped', async () => {
    const losses = [5, 4, Number.NaN, 3, 2, Number.POSITIVE_INFINITY, 1, 1];
    const [svg] = pictures(await report(steps(...losses.map((loss) => ({ loss })))));
    const [, line] = /<g clip-path.*?<path d="([^"]*)"/s.exec(svg!)!;
    assert.equal(line!.match(/M/g)!.length, 3);
    assert.doesNotMatch(svg!, /NaN|Infinity/);
  });

  it('has a logarithmic axis where values differ much, a straight one else or where some are not positive', async () => {
    const labels = async (...losses: number[]) => {
      const [svg] = pictures(await report(steps(...losses.map((loss) => ({ loss })))));
      return Array.from(svg!.matchAll(/text-anchor="end"[^>]*>([^<]*)</g), ([, label]) => label);
    };
    assert.deepEqual(await labels(100, 1), ['1', '10', '100']);
    assert.equal((await labels(40, 1)).includes('20'), true);
    assert.equal((await labels(100, 0)).includes('40'), true);
  });

  it('has shares between 0 and 1, and room for what is larger', async () => {
    const labels = async (value: number) => {
      const [svg] = pictures(
        await report(epochs({ text_to_panel_recall_at_5: 0.4 }, { text_to_panel_recall_at_5: value })),
      );
      return Array.from(svg!.matchAll(/text-anchor="end"[^>]*>([^<]*)</g), ([, label]) => label);
    };
    assert.deepEqual(await labels(0.5), ['0', '0.2', '0.4', '0.6', '0.8', '1']);
    assert.equal((await labels(7)).includes('6'), true);
  });

  it('has the loss of training dashed beside that of validation, in its colour', async () => {
    const html = await report(
      epochs({ loss: 3, contrastive: 1, validation_loss: 4 }, { loss: 2, contrastive: 1, validation_loss: 3 }),
    );
    const keys = Array.from(html.matchAll(/border-top:3px (\w+) (#\w+)"><\/span>(\w+)/g), ([, ...key]) => key);
    const [loss, contrastive, validation] = keys;
    assert.deepEqual([loss![0], validation![0]], ['dashed', 'solid']);
    assert.equal(loss![1], validation![1]);
    assert.notEqual(loss![1], contrastive![1]);
  });

  it('has pictures that other programs draw', async () => {
    for (const svg of pictures(await report(training(1000)))) {
      const { data, info } = await sharp(Buffer.from(svg))
        .flatten({ background: '#fff' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height], [760, 340]);
      const colourful = Array.from({ length: data.length / 3 }, (_, at) => {
        const pixel = data.subarray(3 * at, 3 * at + 3);
        return Math.max(...pixel) - Math.min(...pixel) > 60;
      });
      assert.ok(colourful.filter(Boolean).length > 500, 'there is more than axes');
    }
  });
});
