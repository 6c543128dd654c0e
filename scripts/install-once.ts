import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The versions that all packages have ready-made wheels for */
export const PYTHON_VERSIONS = ['3.11', '3.12', '3.13'];

/** Installs into an empty folder, unless it has what `version` says. An installation that fails leaves no stamp. */
export async function installOnce(folder: string, version: string, install: () => Promise<void>): Promise<void> {
  const stamp = path.join(folder, '.installed');
  const installed = await readFile(stamp, 'utf8').catch(() => undefined);
  if (installed === version) return;
  console.log(`installing into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install();
  await writeFile(stamp, version);
}

/** The command of a Python with pip and venv. */
export function findPython(): string | undefined {
  const commands = ['python3', 'python', ...PYTHON_VERSIONS.toReversed().map((version) => `python${version}`)];
  const script = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
  return commands.find((command) => {
    const { stdout } = spawnSync(command, ['-c', script], { encoding: 'utf8' });
    return PYTHON_VERSIONS.includes(stdout?.trim());
  });
}
