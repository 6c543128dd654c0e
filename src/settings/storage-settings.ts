import path from 'node:path';
import { z } from 'zod';
import { LOCAL_SOCKETS, type LocalSockets } from '../database/database-address.ts';
import { commaSeparated, defineSetting, nonNegativeInteger, type Settings } from './setting.ts';

/** Where data is read and kept. */
export const STORAGE_SETTINGS = {
  home: defineSetting(
    'PANELVEC_HOME',
    z
      .string()
      .min(1)
      .transform((home) => path.resolve(home)),
    './var',
    'folder for models and data',
  ),
  dataRoots: defineSetting(
    'PANELVEC_DATA_ROOTS',
    commaSeparated(z.string().min(1)).transform((roots) => roots.map((root) => path.resolve(root))),
    '.',
    'comma-separated folders that jobs may read',
  ),
  databaseUrl: defineSetting(
    'DATABASE_URL',
    z
      .string()
      .regex(/^$|^postgres(ql)?:\/\//, 'must begin with postgresql://')
      .transform((url) => (url === '' ? undefined : url)),
    '',
    'PostgreSQL server for jobs and collections; without one the service starts embedded databases',
  ),
  localSockets: defineSetting(
    'PANELVEC_LOCAL_SOCKETS',
    z
      .enum(['auto', ...LOCAL_SOCKETS])
      .transform((kind): LocalSockets => (kind !== 'auto' ? kind : process.platform === 'win32' ? 'tcp' : 'unix'))
      .refine((kind) => kind === 'tcp' || process.platform !== 'win32', 'Windows has no Unix sockets here: use tcp'),
    'auto',
    'how processes reach the embedded database: auto, unix, or tcp (on the loopback interface)',
  ),
  maxFeaturesBytes: defineSetting(
    'PANELVEC_MAX_FEATURES_BYTES',
    nonNegativeInteger,
    20 * 2 ** 30,
    'maximum bytes of the cache of pooled features; 0 for no cache',
  ),
} as const satisfies Settings;
