import { readFile } from 'node:fs/promises';
import path from 'node:path';
import loadWabt from 'wabt';
import type { AdamWArguments } from './adamw.ts';

const SOURCE = path.join(import.meta.dirname, 'kernels.wat');
const PAGE_BYTES = 65_536;
/** What 32-bit addresses reach. */
export const MAX_BYTES = 2 ** 32;

/** The functions of kernels.wat over one memory. */
export interface Kernels {
  squareSum(begin: number, end: number): number;
  /** Addresses in bytes, then numbers of the step */
  adamw(
    value: number,
    gradient: number,
    firstMoment: number,
    secondMoment: number,
    end: number,
    ...stepArguments: AdamWArguments
  ): void;
}

/** kernels.wat, for this process and its threads. */
export async function compileKernels(): Promise<WebAssembly.Module> {
  const wabt = await loadWabt();
  const parsed = wabt.parseWat(SOURCE, await readFile(SOURCE, 'utf8'), { simd: true, threads: true });
  try {
    return await WebAssembly.compile(parsed.toBinary({}).buffer as Uint8Array<ArrayBuffer>);
  } finally {
    parsed.destroy();
  }
}

/** Memory that threads share, of zeros. */
export function sharedMemory(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({
    initial: Math.max(1, Math.ceil(bytes / PAGE_BYTES)),
    maximum: MAX_BYTES / PAGE_BYTES,
    shared: true,
  });
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
