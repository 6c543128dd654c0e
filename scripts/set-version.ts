/**
 * Makes the next version of the project: `npm run set-version -- 0.3.0`. Writes it into all files that have it, closes the section
 * "Unreleased" of the changelog, and keeps the API of now as the one that later versions must go on having.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { collectApiNames } from './api-names.ts';
import { findVersions, isVersion, replaceVersions, VERSIONED_FILES } from './versioned-files.ts';

const REPOSITORY = path.join(import.meta.dirname, '..');
const API_FOLDER = path.join(REPOSITORY, 'test/fixtures/last-release');
const UNRELEASED = /^## Unreleased\n/m;

const version = process.argv[2] ?? '';
if (!isVersion(version)) throw new Error(`"${version}" is no version: npm run set-version -- 0.3.0`);

const changelog = await readText('CHANGELOG.md');
if (!UNRELEASED.test(changelog)) throw new Error('CHANGELOG.md has no section "## Unreleased"');
const updates = new Map<string, string>();
for (const versioned of VERSIONED_FILES) {
  const content = await readText(versioned.file);
  if (findVersions(content, versioned).includes(undefined))
    throw new Error(`${versioned.file} has no version to replace`);
  updates.set(versioned.file, replaceVersions(content, versioned, version));
}
const today = new Date().toISOString().slice(0, 10);
updates.set('CHANGELOG.md', changelog.replace(UNRELEASED, `## Unreleased\n\n## ${version} (${today})\n`));
for (const [file, content] of updates) await writeFile(path.join(REPOSITORY, file), content);
await mkdir(API_FOLDER, { recursive: true });
await copyFile(path.join(REPOSITORY, 'openapi.yaml'), path.join(API_FOLDER, 'openapi.yaml'));
await writeFile(path.join(API_FOLDER, 'names.json'), `${JSON.stringify(collectApiNames(), null, 2)}\n`);

function readText(file: string): Promise<string> {
  return readFile(path.join(REPOSITORY, file), 'utf8');
}
