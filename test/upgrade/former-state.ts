import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { constants, zstdDecompressSync } from 'node:zlib';
import pg from 'pg';
import type { Database } from '../../src/database/database.ts';
import { startPostgres, type TestDatabase } from '../support/databases.ts';
import { PGVECTOR_MISSING } from '../support/pgvector.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures/upgrade');
/** As `scripts/make-upgrade-fixture.ts` packs it */
const WINDOW_LOG = 27;

/** What a version has left behind, in a folder of its own. */
export interface FormerState {
  readonly home: string;
  /** A data root: its manifest has the pages of all jobs */
  readonly corpus: string;
  /** Undefined for the embedded databases in the home */
  readonly databaseUrl: string | undefined;
  readonly expected: ExpectedAnswers;
  /** Gives paths in the database the place where the state lies now. */
  relocate(database: Database): Promise<void>;
  remove(): Promise<void>;
}

/** What the service of then said of its state. */
export interface ExpectedAnswers {
  readonly panel: { readonly text: string; readonly image: string };
  readonly vectors: Readonly<Record<string, { readonly space: string; readonly embedding: readonly number[] }>>;
  readonly searches: readonly {
    readonly query: object;
    readonly hits: readonly { readonly id: string; readonly score: number }[];
  }[];
  readonly jobs: readonly { readonly id: string; readonly type: string; readonly state: string }[];
  readonly key: string;
}

/** The states of all fixtures, by kind of database. */
export const FORMER_STATES = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.tar.zst'))
  .flatMap((file) => {
    const version = file.replace('.tar.zst', '');
    return [
      { name: `${version} with embedded databases`, skip: false, open: () => openState(file, 'embedded') },
      {
        name: `${version} with a PostgreSQL server`,
        skip: PGVECTOR_MISSING,
        open: () => openState(file, 'server', () => startPostgres({ hasPgvector: true })),
      },
    ];
  });

async function openState(
  fixture: string,
  kind: string,
  startServer?: () => Promise<TestDatabase>,
): Promise<FormerState> {
  const parent = await realpath(await mkdtemp(path.join(tmpdir(), 'panelvec-')));
  const tar = zstdDecompressSync(readFileSync(path.join(FIXTURES, fixture)), {
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
  });
  const formerRoot = execFileSync('tar', ['-xOf', '-', './root.txt'], { input: tar, encoding: 'utf8' });
  // Paths of the same length, because an index of pages has the offsets of its lines.
  const root = path.join(parent, 'x'.repeat(formerRoot.length - parent.length - 1));
  await mkdir(root);
  execFileSync('tar', ['-xf', '-', '-C', root], { input: tar });
  const home = path.join(root, kind, 'home');
  for (const entry of readdirSync(path.join(home, 'stores'), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) replaceInFile(path.join(entry.parentPath, entry.name), formerRoot, root);
  }
  const server = await startServer?.();
  if (server?.url !== undefined) await restore(server.url, path.join(root, kind, 'dump.sql'));
  return {
    home,
    corpus: path.join(root, 'corpus'),
    databaseUrl: server?.url,
    expected: JSON.parse(readFileSync(path.join(root, kind, 'expected.json'), 'utf8')),
    async relocate(database) {
      await database.query('UPDATE panelvec.jobs SET spec = replace(spec::text, $1, $2)::jsonb', [formerRoot, root]);
    },
    async remove() {
      await server?.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}

function replaceInFile(file: string, from: string, to: string): void {
  const bytes = readFileSync(file);
  if (!bytes.includes(from)) return;
  // latin1 keeps every byte as it is.
  writeFileSync(file, bytes.toString('latin1').replaceAll(from, to), 'latin1');
}

/** Does what `psql --file` does with a dump that has INSERT statements. */
async function restore(url: string, dump: string): Promise<void> {
  const sql = readFileSync(dump, 'utf8').replace(/^\\(un)?restrict .*$/gm, '');
  const client = new pg.Client({ connectionString: url });
  const ended = once(client, 'end');
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
    await ended;
  }
}
