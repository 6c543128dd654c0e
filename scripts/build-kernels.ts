/** Compiles kernels.wat to kernels.wasm: `npm run build:kernels`. A test fails when the two differ. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import loadWabt from 'wabt';

const FOLDER = path.join(import.meta.dirname, '../src/training/optimizer');

/** The bytes of kernels.wat as a WebAssembly module. */
export async function compileKernels(): Promise<Uint8Array> {
  const source = path.join(FOLDER, 'kernels.wat');
  const wabt = await loadWabt();
  const parsed = wabt.parseWat(source, await readFile(source, 'utf8'), { simd: true, threads: true });
  try {
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
}

if (import.meta.main) await writeFile(path.join(FOLDER, 'kernels.wasm'), await compileKernels());
