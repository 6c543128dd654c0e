/**
 * Measures the page with Lighthouse, on a desktop and on a phone, and fails where a category is below 95: `npm run lighthouse`.
 * The service is that of PANELVEC_URL, or one over the example pages; arguments are addresses of the page, such as `#/jobs`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findChromium } from '../test/support/browser.ts';
import { startExampleService } from '../test/support/example-service.ts';

const LIGHTHOUSE = 'lighthouse@13.5.0';
const CATEGORIES = ['performance', 'accessibility'] as const;
const MIN_SCORE = 95;
const FORM_FACTORS = { desktop: ['--preset=desktop'], phone: [] };
const ADDRESSES = ['', '#/search?q=a+boat+on+the+sea'];

interface LighthouseReport {
  readonly categories: Record<string, { readonly score: number | null }>;
  readonly audits: Record<
    string,
    { readonly score: number | null; readonly title: string; readonly displayValue?: string }
  >;
}

const browser = findChromium();
if (browser === undefined) throw new Error('Lighthouse needs Chromium: npm run install:test-tools');
const running = process.env['PANELVEC_URL'];
const service = running === undefined ? await startExampleService('compact') : undefined;
const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-lighthouse-'));
try {
  const addresses = process.argv.length > 2 ? process.argv.slice(2) : ADDRESSES;
  for (const address of addresses) {
    for (const [formFactor, flags] of Object.entries(FORM_FACTORS)) {
      const report = await measure(`${running ?? service?.address}/${address}`, browser, flags);
      const scores = CATEGORIES.map((name) => [name, Math.round((report.categories[name]?.score ?? 0) * 100)] as const);
      console.log(`/${address} ${formFactor}: ${scores.map(([name, score]) => `${name} ${score}`).join(', ')}`);
      for (const { score, title, displayValue = '' } of Object.values(report.audits)) {
        if (score !== null && score < 0.9) console.log(`    ${score}: ${title} ${displayValue}`);
      }
      if (scores.some(([, score]) => score < MIN_SCORE)) process.exitCode = 1;
    }
  }
} finally {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(url: string, chromium: string, flags: readonly string[]): Promise<LighthouseReport> {
  const file = path.join(folder, 'report.json');
  const output = ['--quiet', '--output=json', `--output-path=${file}`, `--only-categories=${CATEGORIES.join()}`];
  const args = [url, ...flags, ...output, '--chrome-flags=--headless=new --no-sandbox'];
  execFileSync('npx', ['--yes', LIGHTHOUSE, ...args], {
    env: { ...process.env, CHROME_PATH: chromium },
    stdio: 'inherit',
  });
  return JSON.parse(await readFile(file, 'utf8'));
}
