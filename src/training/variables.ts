import type { Tensor } from '../weights/safetensors-reader.ts';
import type { Variable } from './graphs/backward-graph.ts';

/** Values by key, in two sets of memory of one shape: a run reads one and writes the other, and nothing is copied. */
export class Variables {
  readonly keys: readonly Variable[];
  #current: Map<string, Float32Array>;
  #next: Map<string, Float32Array>;

  constructor(keys: readonly Variable[], initial: (key: string) => Float32Array) {
    this.keys = keys;
    this.#current = new Map(keys.map(({ key }) => [key, Float32Array.from(initial(key))]));
    this.#next = new Map(keys.map(({ key }) => [key, new Float32Array(this.current(key).length)]));
  }

  current(key: string): Float32Array {
    return this.#current.get(key)!;
  }

  /** Where a run writes. It counts from `swap` on. */
  next(key: string): Float32Array {
    return this.#next.get(key)!;
  }

  swap(): void {
    [this.#current, this.#next] = [this.#next, this.#current];
  }

  tensors(prefix: string): [string, Tensor][] {
    return this.keys.map(({ key, shape }) => {
      const { buffer, byteOffset, byteLength } = this.current(key);
      return [prefix + key, { dtype: 'float32', shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) }];
    });
  }
}
