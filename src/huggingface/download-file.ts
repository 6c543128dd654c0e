import { rm } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../errors.ts';
import { renameWhenFree } from '../files/files-in-use.ts';
import { checksumFromEtag, verifyFile } from './checksum.ts';
import { assertOk, type HubClient, type HubResponse } from './hub-client.ts';
import { HubError, TransientError, toTransientError, WrongContentError } from './hub-error.ts';
import { describeFile } from './hub-file.ts';
import { PartialFile, partialFileName } from './local-file.ts';
import type { PullContext } from './pull-context.ts';
import type { ResolvedFile } from './resolve-file.ts';
import { retry, type StallTimeout } from './retry.ts';

/** Downloads a file, verifies it and gives it its name. @returns its SHA-256. @throws HubError; the signal's reason */
export async function downloadFile(resolved: ResolvedFile, context: PullContext): Promise<string> {
  const partialPath = path.join(context.folder, partialFileName(resolved));
  try {
    const sha256 = await downloadWithRestart(resolved, partialPath, context);
    await renameWhenFree(partialPath, path.join(context.folder, resolved.file.fileName));
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
    // A crash may have damaged the partial file, or the server may have failed once: try again from zero.
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

/**
 * Requests the rest of a partial file once, and appends it.
 * @throws TransientError when the connection breaks, which keeps the bytes that came; WrongContentError; HubError
 */
async function downloadRest(
  resolved: ResolvedFile,
  partial: PartialFile,
  client: HubClient,
  stallTimeout: StallTimeout,
): Promise<void> {
  if (partial.bytes > resolved.bytes) await partial.restart();
  if (partial.bytes === resolved.bytes) return;
  // No If-Range: the storage would compare it with its own ETag, which the hub does not state.
  const headers: Record<string, string> = partial.bytes === 0 ? {} : { range: `bytes=${partial.bytes}-` };
  const hubResponse = await client.get(resolved.url, headers, stallTimeout.signal);
  try {
    await checkResponse(hubResponse, resolved, partial, client);
    await readBody(hubResponse.response, resolved, partial, stallTimeout);
  } finally {
    await hubResponse.response.body?.cancel().catch(() => {});
  }
  if (partial.bytes === resolved.bytes) return;
  if (hubResponse.response.status === 206) throw new TransientError('the server sent fewer bytes than requested');
  throw new WrongContentError(`it has ${partial.bytes} bytes, the hub says ${resolved.bytes}`);
}

/** Checks status, ETag and range of a response. Restarts the partial file if the body begins at zero. */
async function checkResponse(
  hubResponse: HubResponse,
  resolved: ResolvedFile,
  partial: PartialFile,
  client: HubClient,
) {
  const { response, etag } = hubResponse;
  if (response.status === 416) {
    await partial.restart();
    throw new TransientError('the server does not continue the file');
  }
  assertOk(hubResponse, resolved.file, client.hasToken);
  if (etag !== undefined && checksumFromEtag(etag) !== resolved.checksum) {
    throw new HubError(`${describeFile(resolved.file)}: changed on the hub during the download; pull again`);
  }
  if (response.status !== 206) await partial.restart();
  else if (!continuesAt(response, partial.bytes, resolved.bytes)) {
    await partial.restart();
    throw new TransientError('the server sent another range than requested');
  }
}

function continuesAt(response: Response, from: number, bytes: number): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  return Number(start) === from && (total === '*' || Number(total) === bytes);
}

async function readBody(response: Response, resolved: ResolvedFile, partial: PartialFile, stallTimeout: StallTimeout) {
  const reader = response.body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw toTransientError(error);
      });
      if (done) break;
      stallTimeout.restart();
      if (partial.bytes + value.byteLength > resolved.bytes) {
        throw new WrongContentError(`it has more bytes than the ${resolved.bytes} that the hub says`);
      }
      await partial.append(value);
    }
  } finally {
    // Makes the server stop, and the socket not keep the process alive.
    await reader?.cancel().catch(() => {});
  }
}
