import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { allSettled } from '../settled.ts';
import { checkSpace } from './disk-space.ts';
import { fetchFile } from './fetch-file.ts';
import { findFile } from './found.ts';
import { HubClient } from './hub-client.ts';
import { HubError } from './hub-error.ts';
import { describeFile, type HubFile, type HubSettings } from './hub-file.ts';
import type { Pulling, PullProgress } from './pulling.ts';
import { resolveFile } from './resolve.ts';
import { retried } from './retry.ts';
import { DEFAULT_TUNING, type PullTuning } from './tuning.ts';

export type { PullProgress } from './pulling.ts';

export interface PulledFile {
  readonly as: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Brings files of a hub into a folder, which is made where it is missing. Each appears under its name only when it
 * is whole and has the hub's checksum; what was begun stays as a part and is continued by the next call.
 * @throws HubError at the first file that fails; the signal's reason
 */
export async function pullFiles(
  files: readonly HubFile[],
  folder: string,
  settings: HubSettings,
  progress: PullProgress,
  signal?: AbortSignal,
  tuning: PullTuning = DEFAULT_TUNING,
): Promise<readonly PulledFile[]> {
  checkNames(files);
  const client = new HubClient(settings);
  await mkdir(folder, { recursive: true });
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const limit = pLimit(settings.parallel);
  const each = <T, R>(items: readonly T[], job: (item: T) => Promise<R>): Promise<R[]> =>
    allSettled(
      items.map((item) => limit(() => job(item))),
      () => stop.abort(),
    );
  try {
    return await pullEach(files, { folder, client, progress, signal: either, tuning }, each);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

type Each = <T, R>(items: readonly T[], job: (item: T) => Promise<R>) => Promise<R[]>;

async function pullEach(files: readonly HubFile[], pulling: Pulling, each: Each): Promise<readonly PulledFile[]> {
  const { folder, client, progress, signal, tuning } = pulling;
  const resolved = await each(files, (file) =>
    retried(describeFile(file), tuning, signal, (watch) => resolveFile(file, client, watch.signal)),
  );
  progress.total(resolved.reduce((sum, { bytes }) => sum + bytes, 0));
  const found = await each(resolved, (file) => findFile(file, pulling));
  const missing = found.reduce((sum, { missingBytes }) => sum + missingBytes, 0);
  await checkSpace(folder, missing, tuning.reserveBytes);
  return each(found, async ({ resolved, sha256 }) => ({
    as: resolved.file.as,
    bytes: resolved.bytes,
    sha256: sha256 ?? (await fetchFile(resolved, pulling)),
  }));
}

function checkNames(files: readonly HubFile[]): void {
  const names = new Set<string>();
  for (const { as } of files) {
    if (as === '' || as === '.' || as === '..' || path.basename(as) !== as) {
      throw new HubError(`"${as}" is no file name`);
    }
    if (names.has(as)) throw new HubError(`two files would be named "${as}"`);
    names.add(as);
  }
}
