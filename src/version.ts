import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Of this project, as package.json has it. */
export const VERSION: string = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8'),
).version;
