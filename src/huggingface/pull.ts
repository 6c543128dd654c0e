import { mkdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { waitForAll } from '../util/wait-for-all.ts';
import { downloadFile } from './download-file.ts';
import { HubClient, type HubSettings } from './hub-client.ts';
import { HubError } from './hub-error.ts';
import { describeFile, type HubFile } from './hub-file.ts';
import { findLocalFile } from './local-file.ts';
import { DEFAULT_PULL_POLICY, type PullContext, type PullPolicy, type PullProgress } from './pull-context.ts';
import { resolveFile } from './resolve-file.ts';
import { retry } from './retry.ts';

export interface PulledFile {
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Downloads files of a hub into a folder, which is created if missing. A file gets its name only when it is complete and
 * has the hub's checksum; a partial file stays in the folder, and the next call continues it.
 * @throws HubError at the first file that fails; the signal's reason
 */
export async function pullFiles(
  files: readonly HubFile[],
  folder: string,
  settings: HubSettings,
  progress: PullProgress,
  signal?: AbortSignal,
  policy: PullPolicy = DEFAULT_PULL_POLICY,
): Promise<readonly PulledFile[]> {
  assertFileNames(files);
  const client = new HubClient(settings);
  await mkdir(folder, { recursive: true });
  const stopController = new AbortController();
  const anySignal = signal === undefined ? stopController.signal : AbortSignal.any([signal, stopController.signal]);
  const limit = pLimit(settings.parallel);
  const mapLimited = <T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> =>
    waitForAll(
      items.map((item) => limit(() => run(item))),
      () => stopController.abort(),
    );
  try {
    return await pullAll(files, { folder, client, progress, signal: anySignal, policy }, mapLimited);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

type LimitedMap = <T, R>(items: readonly T[], run: (item: T) => Promise<R>) => Promise<R[]>;

async function pullAll(
  files: readonly HubFile[],
  context: PullContext,
  mapLimited: LimitedMap,
): Promise<readonly PulledFile[]> {
  const { folder, client, progress, signal, policy } = context;
  const resolved = await mapLimited(files, (file) =>
    retry(describeFile(file), policy, signal, (stallTimeout) => resolveFile(file, client, stallTimeout.signal)),
  );
  progress.setTotal(resolved.reduce((sum, { bytes }) => sum + bytes, 0));
  const localFiles = await mapLimited(resolved, (file) => findLocalFile(file, context));
  const missing = localFiles.reduce((sum, { missingBytes }) => sum + missingBytes, 0);
  await assertDiskSpace(folder, missing, policy.reserveBytes);
  return mapLimited(localFiles, async ({ resolved, sha256 }) => ({
    fileName: resolved.file.fileName,
    bytes: resolved.bytes,
    sha256: sha256 ?? (await downloadFile(resolved, context)),
  }));
}

function assertFileNames(files: readonly HubFile[]): void {
  const names = new Set<string>();
  for (const { fileName } of files) {
    if (fileName === '' || fileName === '.' || fileName === '..' || path.basename(fileName) !== fileName) {
      throw new HubError(`"${fileName}" is no file name`);
    }
    if (names.has(fileName)) throw new HubError(`two files would be named "${fileName}"`);
    names.add(fileName);
  }
}

/** @throws HubError naming needed and free bytes */
async function assertDiskSpace(folder: string, missingBytes: number, reserveBytes: number): Promise<void> {
  if (missingBytes === 0) return;
  const { bavail, bsize } = await statfs(folder);
  const [needed, free] = [missingBytes + reserveBytes, bavail * bsize];
  if (needed <= free) return;
  throw new HubError(`${folder}: not enough disk space: ${needed} bytes needed, ${free} bytes free`);
}
