/** Writes docs/reference from openapi.yaml, the settings, the metrics and the commands: `npm run reference`. A test fails when a page is stale. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { REFERENCE_FOLDER, renderReferencePages } from './reference-pages/reference-pages.ts';

await mkdir(REFERENCE_FOLDER, { recursive: true });
for (const [name, text] of renderReferencePages()) await writeFile(path.join(REFERENCE_FOLDER, name), text);
