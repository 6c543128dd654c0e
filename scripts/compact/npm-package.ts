import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);

/** A package with the files of an encoder, pinned by the integrity hash of the registry. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** Downloads and unpacks a package without installing it (no scripts, no dependencies). Resolves with its folder. */
export async function fetchPackage({ name, version, integrity }: PinnedPackage, workFolder: string): Promise<string> {
  const { stdout } = await execFileAsync(
    'npm',
    ['pack', `${name}@${version}`, '--json', '--pack-destination', workFolder],
    {
      maxBuffer: 64 * 2 ** 20,
    },
  );
  const listing = JSON.parse(stdout) as Record<string, { filename: string }> | { filename: string }[];
  const [packed] = Object.values(listing);
  if (packed === undefined) throw new Error(`npm pack ${name}@${version} made no file`);
  const tarball = path.join(workFolder, packed.filename);
  const actual = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`;
  if (actual !== integrity) throw new Error(`${name}@${version}: integrity is ${actual}, expected ${integrity}`);
  const folder = path.join(workFolder, name.replaceAll('/', '__'));
  await mkdir(folder, { recursive: true });
  await execFileAsync('tar', ['xzf', tarball, '-C', folder, '--strip-components=1']);
  return folder;
}
