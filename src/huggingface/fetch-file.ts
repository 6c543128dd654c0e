import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../errors.ts';
import { verifyFile } from './checksum.ts';
import { downloadRest } from './download-rest.ts';
import { HubError, WrongContentError } from './hub-error.ts';
import { describeFile } from './hub-file.ts';
import { PartialFile, partialFileName } from './partial-file.ts';
import type { PullContext } from './pull-context.ts';
import type { ResolvedFile } from './resolve-file.ts';
import { retry } from './retry.ts';

/** Downloads, verifies and names a file. @returns its SHA-256. @throws HubError; the signal's reason */
export async function fetchFile(resolved: ResolvedFile, context: PullContext): Promise<string> {
  const partialPath = path.join(context.folder, partialFileName(resolved));
  try {
    const sha256 = await downloadWithRestart(resolved, partialPath, context);
    await rename(partialPath, path.join(context.folder, resolved.file.fileName));
    return sha256;
  } catch (error) {
    if (error instanceof WrongContentError) await rm(partialPath, { force: true });
    if (error instanceof PanelvecError || context.signal.aborted) throw error;
    throw new HubError(`${describeFile(resolved.file)}: ${firstLine(error)}`, { cause: error });
  }
}

async function downloadWithRestart(resolved: ResolvedFile, file: string, context: PullContext): Promise<string> {
  await using partial = await PartialFile.open(file, context.progress);
  try {
    return await downloadOnce(resolved, partial, context);
  } catch (error) {
    if (!(error instanceof WrongContentError)) throw error;
    // A part may have been spoilt by a crash, and a server may have had a bad moment: once more, from zero.
    await partial.restart();
  }
  try {
    return await downloadOnce(resolved, partial, context);
  } catch (error) {
    if (error instanceof WrongContentError) await partial.restart();
    throw error;
  }
}

async function downloadOnce(resolved: ResolvedFile, partial: PartialFile, context: PullContext): Promise<string> {
  const { client, signal, policy } = context;
  await retry(
    describeFile(resolved.file),
    policy,
    signal,
    (stallTimeout) => downloadRest(resolved, partial, client, stallTimeout),
    () => partial.bytes,
  );
  await partial.sync();
  return await verifyFile(partial.path, resolved, signal);
}
