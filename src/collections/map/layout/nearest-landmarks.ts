import { toOnnxModel } from '../../../graph/emit/emit.ts';
import { Gemm } from '../../../graph/ops/operators.ts';
import { input } from '../../../graph/value.ts';
import { createSession, ort, readFloatOutput } from '../../../onnxruntime/session.ts';
import type { VectorRows } from '../../../vector-analysis/vector-rows.ts';

/** Rows that are compared in one run: their cosines with 10,000 landmarks take 10 MB. */
const MAX_ROWS = 256;

/** The nearest landmarks of each row, the nearest first: `count` of them for each. */
export interface LandmarkNeighbours {
  readonly count: number;
  readonly indexes: Int32Array;
  readonly cosines: Float32Array;
}

/** Finds the nearest landmarks exactly. A matrix product of ONNX Runtime is twenty times as fast as loops here. */
export class NearestLandmarks implements AsyncDisposable {
  readonly #landmarks: VectorRows;
  readonly #session: ort.InferenceSession;

  private constructor(landmarks: VectorRows, session: ort.InferenceSession) {
    this.#landmarks = landmarks;
    this.#session = session;
  }

  static async open(landmarks: VectorRows): Promise<NearestLandmarks> {
    const rows = input('rows', 'float32', ['n', landmarks.dimensions]);
    const others = input('landmarks', 'float32', ['m', landmarks.dimensions]);
    const graph = { name: 'cosines', outputs: { cosines: Gemm(rows, others, undefined, { transB: true }) } };
    // One thread: the engines of the service have the others.
    const session = await createSession(toOnnxModel(graph), { provider: 'cpu', device: 0, threads: 1 });
    return new NearestLandmarks(landmarks, session);
  }

  async find(vectors: Float32Array, count: number): Promise<LandmarkNeighbours> {
    const { dimensions, values } = this.#landmarks;
    const landmarks = new ort.Tensor('float32', values, [values.length / dimensions, dimensions]);
    const total = vectors.length / dimensions;
    const found = { count, indexes: new Int32Array(total * count), cosines: new Float32Array(total * count) };
    for (let start = 0; start < total; start += MAX_ROWS) {
      const batch = vectors.subarray(start * dimensions, (start + MAX_ROWS) * dimensions);
      const rows = new ort.Tensor('float32', batch, [batch.length / dimensions, dimensions]);
      const cosines = readFloatOutput(await this.#session.run({ rows, landmarks }), 'cosines');
      const width = values.length / dimensions;
      for (let row = 0; row < batch.length / dimensions; row++)
        selectLargest(cosines.subarray(row * width, (row + 1) * width), found, start + row);
    }
    return found;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#session.release();
  }
}

/** Writes the largest cosines of a row, in falling order. Insertion is fast, because few of so many are larger than all so far. */
function selectLargest(cosines: Float32Array, { count, indexes, cosines: largest }: LandmarkNeighbours, row: number) {
  const first = row * count;
  const last = first + count - 1;
  largest.fill(Number.NEGATIVE_INFINITY, first, last + 1);
  for (let i = 0; i < cosines.length; i++) {
    const cosine = cosines[i] ?? Number.NaN;
    if (!(cosine > (largest[last] ?? 0))) continue;
    let place = last;
    for (; place > first && cosine > (largest[place - 1] ?? 0); place--) {
      largest[place] = largest[place - 1] ?? 0;
      indexes[place] = indexes[place - 1] ?? 0;
    }
    largest[place] = cosine;
    indexes[place] = i;
  }
}
