import { fileDownloadInfo, InvalidApiResponseFormatError } from '@huggingface/hub';
import { checksumFromEtag, type ExpectedContent } from './checksum.ts';
import type { HubClient, HubResponse } from './hub-client.ts';
import { HubError } from './hub-error.ts';
import { describeFile, type HubFile } from './hub-file.ts';
import { assertOk } from './response-status.ts';

export interface ResolvedFile extends ExpectedContent {
  readonly file: HubFile;
  /** At the hub, which redirects to where the bytes are */
  readonly url: string;
}

/** Asks the hub what a file is. @throws HubError, TransientError */
export async function resolveFile(file: HubFile, client: HubClient, signal: AbortSignal): Promise<ResolvedFile> {
  const info = await fileDownloadInfo({
    repo: { type: 'model', name: file.repo },
    revision: file.revision,
    path: file.path.split('/').map(encodeURIComponent).join('/'),
    hubUrl: client.endpoint,
    fetch: async (url, init) => {
      const headers = Object.fromEntries(new Headers(init?.headers));
      const hubResponse = await client.get(String(url), headers, signal, 'description');
      await hubResponse.response.body?.cancel();
      return toDescriptionResponse(hubResponse, file, client);
    },
  }).catch((error: unknown) => {
    if (!(error instanceof InvalidApiResponseFormatError)) throw error;
    throw new HubError(`${describeFile(file)}: the hub's answer cannot be used: ${error.message}`, { cause: error });
  });
  // Missing files never come as null: their status has been looked at before.
  const { url, size, etag } = info!;
  const checksum = checksumFromEtag(etag);
  if (checksum === undefined) throw new HubError(`${describeFile(file)}: the ETag ${etag} holds no checksum`);
  return { file, url, bytes: size, checksum };
}

/**
 * The library reads size and ETag from where the redirects end. The hub says them on the redirect; what the storage
 * says there is not about the same thing.
 */
function toDescriptionResponse(hubResponse: HubResponse, file: HubFile, client: HubClient): Response {
  const { response, etag, linkedBytes } = hubResponse;
  const headers = new Headers(response.headers);
  // It asks for the first byte, which an empty file does not have.
  const isEmpty = response.status === 416 && headers.get('content-range') === 'bytes */0';
  const isRedirect = response.status >= 300 && response.status < 400;
  if (!isEmpty && !isRedirect) assertOk(hubResponse, file, client.hasToken);
  const bytes = linkedBytes ?? headers.get('content-length');
  if (linkedBytes !== undefined || !headers.has('content-range')) headers.set('content-range', `bytes 0-0/${bytes}`);
  headers.delete('etag');
  if (etag !== undefined) headers.set('etag', etag);
  return new Response(null, { status: 206, headers });
}
