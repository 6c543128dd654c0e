import { checkStatus } from './answer-status.ts';
import { checksumIn } from './checksum.ts';
import type { HubAnswer, HubClient } from './hub-client.ts';
import { asTransient, HubError, TransientError, WrongContentError } from './hub-error.ts';
import { describeFile } from './hub-file.ts';
import type { PartFile } from './part-file.ts';
import type { ResolvedFile } from './resolve.ts';
import type { StallWatch } from './stall.ts';

/**
 * One try to bring the part to its full size, from where it ends.
 * @throws TransientError when it broke off; what came is kept. WrongContentError; HubError
 */
export async function transfer(
  resolved: ResolvedFile,
  part: PartFile,
  client: HubClient,
  watch: StallWatch,
): Promise<void> {
  if (part.bytes > resolved.bytes) await part.restart();
  if (part.bytes === resolved.bytes) return;
  // No If-Range: it would be compared with the storage's ETag, which the hub does not tell.
  const headers: Record<string, string> = part.bytes === 0 ? {} : { range: `bytes=${part.bytes}-` };
  const answer = await client.get(resolved.url, headers, watch.signal);
  try {
    await checkAnswer(answer, resolved, part, client);
    await readBody(answer.response, resolved, part, watch);
  } finally {
    await answer.response.body?.cancel().catch(() => {});
  }
  if (part.bytes === resolved.bytes) return;
  if (answer.response.status === 206) throw new TransientError('the server sent less than was asked for');
  throw new WrongContentError(`it has ${part.bytes} bytes, the hub says ${resolved.bytes}`);
}

/** Leaves the part at the place that the body continues. */
async function checkAnswer(answer: HubAnswer, resolved: ResolvedFile, part: PartFile, client: HubClient) {
  const { response, etag } = answer;
  if (response.status === 416) {
    await part.restart();
    throw new TransientError('the server does not continue the file');
  }
  checkStatus(answer, resolved.file, client.hasToken);
  if (etag !== undefined && checksumIn(etag) !== resolved.checksum) {
    throw new HubError(`${describeFile(resolved.file)}: changed on the hub during the download; pull again`);
  }
  if (response.status !== 206) await part.restart();
  else if (!continues(response, part.bytes, resolved.bytes)) {
    await part.restart();
    throw new TransientError('the server sent another range than was asked for');
  }
}

function continues(response: Response, from: number, bytes: number): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  return Number(start) === from && (total === '*' || Number(total) === bytes);
}

async function readBody(response: Response, resolved: ResolvedFile, part: PartFile, watch: StallWatch) {
  const reader = response.body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw asTransient(error);
      });
      if (done) break;
      watch.beat();
      if (part.bytes + value.byteLength > resolved.bytes) {
        throw new WrongContentError(`it has more bytes than the ${resolved.bytes} that the hub says`);
      }
      await part.append(value);
    }
  } finally {
    // Whatever is still to come is not wanted: the server stops sending, and the socket does not keep the process.
    await reader?.cancel().catch(() => {});
  }
}
