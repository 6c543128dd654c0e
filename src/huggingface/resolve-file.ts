import { checksumFromEtag, type ExpectedContent } from './checksum.ts';
import { assertOk, type HubClient } from './hub-client.ts';
import { HubError } from './hub-error.ts';
import { describeFile, type HubFile } from './hub-file.ts';

export interface ResolvedFile extends ExpectedContent {
  readonly file: HubFile;
  /** URL at the hub, which redirects to the storage */
  readonly url: string;
}

/**
 * Asks the hub for size and checksum of a file, by requesting its first byte.
 * @throws HubError, TransientError
 */
export async function resolveFile(file: HubFile, client: HubClient, signal: AbortSignal): Promise<ResolvedFile> {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  const url = `${client.endpoint}/${file.repo}/resolve/${encodeURIComponent(file.revision)}/${path}`;
  const hubResponse = await client.get(url, { range: 'bytes=0-0' }, signal, 'description');
  const { response, etag, linkedBytes } = hubResponse;
  await response.body?.cancel();
  const isRedirect = response.status >= 300 && response.status < 400;
  if (!isRedirect && !isEmptyFile(response)) assertOk(hubResponse, file, client.hasToken);
  const bytes = linkedBytes ?? fileBytes(response.headers);
  if (etag === undefined || !Number.isSafeInteger(bytes)) {
    const missing = etag === undefined ? 'ETag' : 'size';
    throw new HubError(`${describeFile(file)}: the hub's answer cannot be used: it has no ${missing}`);
  }
  const checksum = checksumFromEtag(etag);
  if (checksum === undefined) throw new HubError(`${describeFile(file)}: the ETag ${etag} holds no checksum`);
  return { file, url, bytes, checksum };
}

/** An empty file has no first byte. */
function isEmptyFile({ status, headers }: Response): boolean {
  return status === 416 && headers.get('content-range') === 'bytes */0';
}

/** Size of the whole file; NaN where the headers do not state it. */
function fileBytes(headers: Headers): number {
  const size = headers.get('content-range')?.split('/')[1] ?? headers.get('content-length');
  return size === null ? Number.NaN : Number(size);
}
