import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { it } from 'node:test';

const SOURCES = path.join(import.meta.dirname, '../../src');

/** Files of src that a module loads with it. */
function loadedFiles(module: string): string[] {
  const program = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
    await import(${JSON.stringify(path.join(SOURCES, module))});
    process.stdout.write(JSON.stringify(urls));
    process.exit();`;
  const urls = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  return (JSON.parse(urls) as string[])
    .filter((url) => url.startsWith('file:') && !url.includes('/node_modules/'))
    .map((url) => path.relative(SOURCES, new URL(url).pathname));
}

it('loads the code that does the work of jobs in workers only, not in the service', () => {
  const files = ['worker/job-kind-registry.ts'];
  for (const kind of ['embed', 'train', 'evaluate', 'index']) {
    files.push(...['plan', 'part', 'finish'].map((step) => `${kind}/${kind}-${step}-step.ts`));
  }
  const worker = loadedFiles('jobs/worker/job-worker.ts');
  const service = loadedFiles('jobs/jobs.ts');
  for (const file of files) {
    assert.ok(worker.includes(path.join('jobs', file)), `a worker loads ${file}`);
    assert.ok(!service.includes(path.join('jobs', file)), `the service loads no ${file}`);
  }
});
