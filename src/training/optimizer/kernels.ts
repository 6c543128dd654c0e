import { readFile } from 'node:fs/promises';
import path from 'node:path';
import loadWabt from 'wabt';
import type { AdamWNumbers } from './adamw.ts';

const SOURCE = path.join(import.meta.dirname, 'kernels.wat');
const PAGE_BYTES = 65_536;
/** What 32-bit addresses reach. */
export const MOST_BYTES = 2 ** 32;

/** The functions of kernels.wat over one memory. */
export interface Kernels {
  squareSum(at: number, end: number): number;
  /** Addresses in bytes, then numbers of the step */
  adamw(value: number, gradient: number, first: number, second: number, end: number, ...numbers: AdamWNumbers): void;
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
    maximum: MOST_BYTES / PAGE_BYTES,
    shared: true,
  });
}

export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
