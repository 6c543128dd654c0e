import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Compiled from kernels.wat by `npm run build:kernels`. */
const FILE = path.join(import.meta.dirname, 'kernels.wasm');
const PAGE_BYTES = 65_536;
/** The number of bytes that 32-bit addresses reach. */
export const MAX_BYTES = 2 ** 32;

/** Numbers of one step, the last parameters of the kernel `adamw`. */
export type AdamWArguments = readonly [
  scale: number,
  beta1: number,
  oneMinusBeta1: number,
  beta2: number,
  oneMinusBeta2: number,
  decayFactor: number,
  stepSize: number,
  inverseBiasCorrection2: number,
  epsilon: number,
];

/** Functions of kernels.wat over one memory. Addresses and ends are in bytes. */
export interface Kernels {
  squareSum(begin: number, end: number): number;
  adamw(
    value: number,
    gradient: number,
    firstMoment: number,
    secondMoment: number,
    end: number,
    ...stepArguments: AdamWArguments
  ): void;
}

/** The kernels' code, which a process compiles once and shares with its threads. */
export async function loadKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(FILE));
}

/** Memory of zeros that threads share. */
export function sharedMemory(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({
    initial: Math.max(1, Math.ceil(bytes / PAGE_BYTES)),
    maximum: MAX_BYTES / PAGE_BYTES,
    shared: true,
  });
}

/** The kernels over a memory. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  // The exports of a module have no static types; kernels.wat declares these.
  return exports as unknown as Kernels;
}
