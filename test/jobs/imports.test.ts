import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
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

it('leaves the work of jobs to the workers: the service loads none of its code', () => {
  const kinds = readdirSync(path.join(SOURCES, 'jobs'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /-kind\.ts$/.test(file),
  );
  const steps = ['embed-plan.ts', 'embed-part.ts', 'embed-finish.ts'].map((step) => path.join('embed', step));
  const worker = loadedFiles('jobs/worker/job-worker.ts');
  const service = loadedFiles('jobs/jobs.ts');
  for (const file of [...kinds.filter((kind) => kind !== 'job-kind.ts'), ...steps]) {
    assert.ok(worker.includes(path.join('jobs', file)), `a worker loads ${file}`);
    assert.ok(!service.includes(path.join('jobs', file)), `the service loads no ${file}`);
  }
});
