/**
 * Builds `dist`, which the published package runs: Node refuses to strip types in node_modules. Its folders are those of `src`, so
 * what files name by their place (models, examples, the page) is found alike. `npm pack` runs this, and `prepare` for the page.
 */
import { execFileSync } from 'node:child_process';
import { cp, glob, rm } from 'node:fs/promises';
import path from 'node:path';

const REPOSITORY = path.join(import.meta.dirname, '..');
const DIST = path.join(REPOSITORY, 'dist');

await rm(DIST, { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  cwd: REPOSITORY,
  stdio: 'inherit',
});
for await (const file of glob('**/*.wasm', { cwd: path.join(REPOSITORY, 'src') })) {
  await cp(path.join(REPOSITORY, 'src', file), path.join(DIST, file));
}
