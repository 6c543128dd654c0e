import { encodeForm } from './mutate-form.ts';
import type { SamplePicture } from './sample-pictures.ts';
import type { SampleRequest } from './sample-requests.ts';

/** Good requests, with the responses that a service gave to them at first. */
export class KnownAnswers {
  readonly #address: string;
  readonly #requests: readonly { readonly name: string; readonly url: string; readonly init: RequestInit }[];
  #texts: readonly string[] = [];

  private constructor(address: string, samples: readonly SampleRequest[], picture: SamplePicture) {
    this.#address = address;
    // Jobs and aliases change what they are asked for.
    this.#requests = samples
      .filter(({ target }) => /^\/v1\/(embeddings|zero-shot|search|collections)|infer$/.test(target))
      .map((sample) => ({
        name: `${sample.method} ${sample.target}`,
        url: new URL(sample.target, address).href,
        init: toInit(sample, picture),
      }));
  }

  /** @throws Error if a request is refused */
  static async ask(address: string, samples: readonly SampleRequest[], picture: SamplePicture): Promise<KnownAnswers> {
    const known = new KnownAnswers(address, samples, picture);
    known.#texts = await known.#ask();
    for (const [i, text] of known.#texts.entries()) {
      if (!text.startsWith('200')) throw new Error(`${known.#requests[i]?.name}: ${text.slice(0, 500)}`);
    }
    return known;
  }

  /** Asks again, one request after the other. Resolves with the requests that got another response. */
  async differences(isSame = (actual: string, expected: string) => actual === expected): Promise<string[]> {
    const texts = await this.#ask();
    return this.#requests.flatMap(({ name }, i) =>
      isSame(texts[i] ?? '', this.#texts[i] ?? '')
        ? []
        : [`${name} on ${this.#address}: ${firstDifference(texts[i], this.#texts[i])}`],
    );
  }

  async #ask(): Promise<string[]> {
    const texts: string[] = [];
    for (const { url, init } of this.#requests) {
      const response = await fetch(url, init);
      texts.push(`${response.status} ${Buffer.from(await response.arrayBuffer()).toString('latin1')}`);
    }
    return texts;
  }
}

function firstDifference(actual = '', expected = ''): string {
  const place = [...actual].findIndex((character, i) => character !== expected[i]);
  const show = (text: string) => JSON.stringify(text.slice(Math.max(0, place - 20), place + 80));
  return `${show(actual)} in place of ${show(expected)}`;
}

function toInit({ method, content, headers = [] }: SampleRequest, picture: SamplePicture): RequestInit {
  const body = content(picture);
  if (body.kind === 'none') return { method };
  const { type, bytes } =
    body.kind === 'form'
      ? encodeForm(body.parts)
      : body.kind === 'json'
        ? { type: 'application/json', bytes: Buffer.from(JSON.stringify(body.value)) }
        : body;
  return { method, body: new Uint8Array(bytes), headers: { ...Object.fromEntries(headers), 'content-type': type } };
}
