import { checksumFromEtag } from './checksum.ts';
import type { HubClient, HubResponse } from './hub-client.ts';
import { HubError, TransientError, toTransientError, WrongContentError } from './hub-error.ts';
import { describeFile } from './hub-file.ts';
import type { PartialFile } from './partial-file.ts';
import type { ResolvedFile } from './resolve-file.ts';
import { assertOk } from './response-status.ts';
import type { StallTimeout } from './stall-timeout.ts';

/**
 * One try to bring the part to its full size, from where it ends.
 * @throws TransientError when it broke off; what came is kept. WrongContentError; HubError
 */
export async function downloadRest(
  resolved: ResolvedFile,
  partial: PartialFile,
  client: HubClient,
  stallTimeout: StallTimeout,
): Promise<void> {
  if (partial.bytes > resolved.bytes) await partial.restart();
  if (partial.bytes === resolved.bytes) return;
  // No If-Range: it would be compared with the storage's ETag, which the hub does not tell.
  const headers: Record<string, string> = partial.bytes === 0 ? {} : { range: `bytes=${partial.bytes}-` };
  const hubResponse = await client.get(resolved.url, headers, stallTimeout.signal);
  try {
    await checkResponse(hubResponse, resolved, partial, client);
    await readBody(hubResponse.response, resolved, partial, stallTimeout);
  } finally {
    await hubResponse.response.body?.cancel().catch(() => {});
  }
  if (partial.bytes === resolved.bytes) return;
  if (hubResponse.response.status === 206) throw new TransientError('the server sent less than was asked for');
  throw new WrongContentError(`it has ${partial.bytes} bytes, the hub says ${resolved.bytes}`);
}

/** Leaves the part at the place that the body continues. */
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
    throw new TransientError('the server sent another range than was asked for');
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
    // Whatever is still to come is not wanted: the server stops sending, and the socket does not keep the process.
    await reader?.cancel().catch(() => {});
  }
}
