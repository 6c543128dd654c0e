import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { ChildProcesses } from '../runner/child-processes.ts';
import type { PanelVectors } from './panel-vectors.ts';

const SCRIPT = path.join(import.meta.dirname, 'numpy_scan.py');
const ROWS_PER_WRITE = 1000;

/** The original's way to search: a Python process with all vectors in memory, which compares each query with all. */
export class NumpyScan {
  readonly #requests: Writable;
  readonly #answers: AsyncIterator<string>;

  private constructor(requests: Writable, answers: AsyncIterator<string>) {
    this.#requests = requests;
    this.#answers = answers;
  }

  /** Starts it over the first `panels` vectors. @param folder for files with all of them */
  static async start(
    children: ChildProcesses,
    { python, folder, topK }: { readonly python: string; readonly folder: string; readonly topK: number },
    vectors: PanelVectors,
    { panels, queries }: { readonly panels: number; readonly queries: number },
  ): Promise<NumpyScan> {
    const files = [path.join(folder, 'panels.f32'), path.join(folder, 'queries.f32')] as const;
    await writeRows(files[0], panels, (row) => vectors.panel(row));
    await writeRows(files[1], queries, (index) => vectors.query(index));
    const shape = [String(vectors.dimensions), String(topK)];
    const { stdin, stdout } = children.spawnWithInput(python, [SCRIPT, ...files, ...shape]);
    return new NumpyScan(stdin, createInterface(stdout)[Symbol.asyncIterator]());
  }

  /** The rows nearest to each query, nearest first. */
  async nearestRows(): Promise<number[][]> {
    const { rows } = await this.#request<{ rows: number[][] }>({ exact: true });
    return rows;
  }

  /** Milliseconds of each search, with so many callers that each wait for their result. */
  async measureLatencies(callers: number, seconds: number): Promise<number[]> {
    const answer = await this.#request<{ latencies_ms: number[] }>({ callers, seconds });
    return answer.latencies_ms;
  }

  async #request<Answer>(message: object): Promise<Answer> {
    this.#requests.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`${SCRIPT} ended before it answered`);
    return JSON.parse(value) as Answer;
  }
}

async function writeRows(file: string, rows: number, makeRow: (row: number) => Float32Array): Promise<void> {
  const stream = createWriteStream(file);
  for (let start = 0; start < rows; start += ROWS_PER_WRITE) {
    const count = Math.min(ROWS_PER_WRITE, rows - start);
    const vectors = Array.from({ length: count }, (_, i) => makeRow(start + i));
    const bytes = Buffer.concat(
      vectors.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    );
    if (!stream.write(bytes)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}
