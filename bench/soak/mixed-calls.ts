import sharp from 'sharp';
import { encodeForm } from '../../test/fuzz/mutate-form.ts';
import type { Content, SampleRequest } from '../../test/fuzz/sample-requests.ts';
import { drawPanel } from '../../test/support/images.ts';

const PICTURES = 200;
const NAMED_CALLS = /^\/v1\/(embeddings|zero-shot|search|collections)|infer$/;

/** Outcomes of calls by status, and how long they took. */
export interface CallCounts {
  readonly byOutcome: Record<string, number>;
  milliseconds: number;
}

/** Calls of every kind in turn, with pictures and texts that differ, so that caches answer few of them. */
export class MixedCalls {
  readonly #address: string;
  readonly #samples: readonly SampleRequest[];
  readonly #pictures: readonly Buffer[];
  #sent = 0;

  private constructor(address: string, samples: readonly SampleRequest[], pictures: readonly Buffer[]) {
    this.#address = address;
    this.#samples = samples.filter(({ target }) => NAMED_CALLS.test(target));
    this.#pictures = pictures;
  }

  static async create(address: string, samples: readonly SampleRequest[]): Promise<MixedCalls> {
    const pictures = Array.from({ length: PICTURES }, (_, i) =>
      drawPanel(i, 400 + i, 300)
        .jpeg()
        .toBuffer(),
    );
    return new MixedCalls(address, samples, await Promise.all(pictures));
  }

  /** Sends the next call, of a target or of any. A refusal is an outcome; what fails otherwise is one, too. */
  async send(counts: CallCounts, target?: string): Promise<void> {
    const number = this.#sent++;
    const samples = target === undefined ? this.#samples : this.#samples.filter((sample) => sample.target === target);
    const sample = samples[number % samples.length];
    const drawn = this.#pictures[number % this.#pictures.length];
    if (sample === undefined || drawn === undefined) throw new Error('there are no calls');
    const bytes = await tint(drawn, number);
    const start = performance.now();
    const outcome = await this.#send(sample, sample.content({ name: 'panel', type: 'image/jpeg', bytes }), number);
    counts.milliseconds += performance.now() - start;
    counts.byOutcome[outcome] = (counts.byOutcome[outcome] ?? 0) + 1;
  }

  async #send({ method, target, headers = [] }: SampleRequest, content: Content, number: number): Promise<string> {
    const { type, bytes } = encode(content, number);
    const init = bytes && {
      body: new Uint8Array(bytes),
      headers: { ...Object.fromEntries(headers), 'content-type': type },
    };
    try {
      const response = await fetch(new URL(target, this.#address), { method, ...init });
      await response.arrayBuffer();
      return String(response.status);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

function encode(content: Content, number: number): { type: string; bytes?: Buffer } {
  if (content.kind === 'none') return { type: '' };
  if (content.kind === 'bytes') return content;
  if (content.kind === 'form') return encodeForm(content.parts);
  const text = JSON.stringify(content.value).replaceAll('A boat', `A boat number ${number}`);
  return { type: 'application/json', bytes: Buffer.from(text) };
}

/** Other bytes and other pixels for each number, at little cost. */
function tint(jpeg: Buffer, number: number): Promise<Buffer> {
  return sharp(jpeg)
    .linear(1 - (number % 97) / 400, number % 31)
    .jpeg()
    .toBuffer();
}
