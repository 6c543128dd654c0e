import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const MAC_FILES = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/** The browser of this machine: the file PANELVEC_CHROMIUM, or the Chromium or Chrome that is installed. */
export function findChromium(): string | undefined {
  const chosen = process.env['PANELVEC_CHROMIUM'];
  if (chosen) return chosen;
  const isFile = (file: string) => existsSync(file);
  return NAMES.map(findCommand).find(isFile) ?? MAC_FILES.find(isFile);
}

/** Why tests with a browser are skipped; false where they run. CI has to run them. */
export const BROWSER_MISSING: string | false =
  findChromium() !== undefined || process.env['CI'] !== undefined
    ? false
    : 'no Chromium was found: npm run install:test-tools, or PANELVEC_CHROMIUM=<its file>';

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  assert.ok(executablePath, 'a Chromium is installed');
  // Containers of CI run as root, where the sandbox of Chromium does not start. On a busy machine without a GPU, WebGL is so slow
  // that the watchdog would end it.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu-watchdog'] });
}

export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts and of the console, such as a breach of the policy, and requests to other servers */
  readonly problems: readonly string[];
}

/** Opens the page of a service and collects what goes wrong in it. What the test expects to fail is in `expected`. */
export async function openPage(
  browser: Browser,
  address: string,
  { expected = /^$/, ...options }: BrowserContextOptions & { readonly expected?: RegExp } = {},
): Promise<WatchedPage> {
  const page = await (await browser.newContext(options)).newPage();
  const problems: string[] = [];
  const add = (problem: string) => void (expected.test(problem) || problems.push(problem));
  page.on('console', (message) => message.type() === 'error' && add(message.text()));
  page.on('pageerror', (error) => add(String(error.stack)));
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(`${address}/`)) add(`request to ${request.url()}`);
  });
  await page.goto(address);
  return { page, problems };
}

/** What axe-core finds against accessibility in what the page shows now. */
export async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  // A string, because axe exists in the browser alone.
  const { violations } = (await page.evaluate('axe.run(document)')) as {
    violations: { id: string; help: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** The file of a command; empty where there is none. */
function findCommand(name: string): string {
  return spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).stdout.trim();
}
