import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where `npm run install:test-tools` puts the extension: `extension/` with its SQL, `lib/` with its library. */
export const PGVECTOR_FOLDER = path.join(import.meta.dirname, '../../.pgvector');

/** Why tests with pgvector on a server are skipped; false where they run. CI has to run them. */
export const PGVECTOR_MISSING: string | false =
  existsSync(path.join(PGVECTOR_FOLDER, '.installed')) || process.env['CI'] !== undefined
    ? false
    : 'pgvector is not installed: npm run install:test-tools';

/** Options of a PostgreSQL server (18 or newer) that finds the extension there, beside its own. */
export const PGVECTOR_FLAGS: readonly string[] = [
  ...['-c', `extension_control_path=${PGVECTOR_FOLDER}:$system`],
  ...['-c', `dynamic_library_path=${path.join(PGVECTOR_FOLDER, 'lib')}:$libdir`],
];
