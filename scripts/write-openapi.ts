/** Writes openapi.yaml from the routes: `npm run openapi`. A test fails when the file differs from what is served. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { buildOpenapiDocument } from '../src/http/openapi-document.ts';

const FILE = path.join(import.meta.dirname, '../openapi.yaml');

await writeFile(FILE, stringify(await buildOpenapiDocument(), { lineWidth: 120 }));
