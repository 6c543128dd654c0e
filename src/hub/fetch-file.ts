import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { oneLine, PanelvecError } from '../errors.ts';
import { verify } from './checksum.ts';
import { HubError, WrongContentError } from './hub-error.ts';
import { describeFile } from './hub-file.ts';
import { PartFile, partName } from './part-file.ts';
import type { Pulling } from './pulling.ts';
import type { ResolvedFile } from './resolve.ts';
import { retried } from './retry.ts';
import { transfer } from './transfer.ts';

/** Downloads, verifies and names a file. @returns its SHA-256. @throws HubError; the signal's reason */
export async function fetchFile(resolved: ResolvedFile, pulling: Pulling): Promise<string> {
  const part = path.join(pulling.folder, partName(resolved));
  try {
    const sha256 = await completePart(resolved, part, pulling);
    await rename(part, path.join(pulling.folder, resolved.file.as));
    return sha256;
  } catch (error) {
    if (error instanceof WrongContentError) await rm(part, { force: true });
    if (error instanceof PanelvecError || pulling.signal.aborted) throw error;
    throw new HubError(`${describeFile(resolved.file)}: ${oneLine(error)}`, { cause: error });
  }
}

async function completePart(resolved: ResolvedFile, file: string, pulling: Pulling): Promise<string> {
  await using part = await PartFile.open(file, pulling.progress);
  try {
    return await completeOnce(resolved, part, pulling);
  } catch (error) {
    if (!(error instanceof WrongContentError)) throw error;
    // A part may have been spoilt by a crash, and a server may have had a bad moment: once more, from zero.
    await part.restart();
  }
  try {
    return await completeOnce(resolved, part, pulling);
  } catch (error) {
    if (error instanceof WrongContentError) await part.restart();
    throw error;
  }
}

async function completeOnce(resolved: ResolvedFile, part: PartFile, pulling: Pulling): Promise<string> {
  const { client, signal, tuning } = pulling;
  await retried(
    describeFile(resolved.file),
    tuning,
    signal,
    (watch) => transfer(resolved, part, client, watch),
    () => part.bytes,
  );
  await part.sync();
  return await verify(part.path, resolved, signal);
}
