import { type FileHandle, open, readFile } from 'node:fs/promises';

const CHUNK_BYTES = 16 * 2 ** 20;

/**
 * Overwrites every copy of some contents in the memory of a running process, all at once, as a fault of its memory would. Works on
 * Linux, and on processes of the same user only. Resolves with the number of copies.
 */
export async function damageMemory(
  pid: number,
  damages: readonly { readonly contents: Uint8Array; readonly damaged: Uint8Array }[],
): Promise<number> {
  const overlap = Math.max(...damages.map(({ contents }) => contents.length));
  const memory = await open(`/proc/${pid}/mem`, 'r+');
  try {
    const writes: { readonly damaged: Uint8Array; readonly position: number }[] = [];
    for (const [start, end] of await writableRanges(pid)) {
      for (let position = start; position < end; position += CHUNK_BYTES) {
        // Chunks overlap, so that no copy lies across their border.
        const chunk = await readMemory(memory, position, Math.min(CHUNK_BYTES + overlap, end - position));
        for (const { contents, damaged } of damages) {
          for (let i = chunk.indexOf(contents); i >= 0; i = chunk.indexOf(contents, i + 1))
            writes.push({ damaged, position: position + i });
        }
      }
    }
    for (const { damaged, position } of writes) await memory.write(damaged, 0, damaged.length, position);
    return writes.length;
  } finally {
    await memory.close();
  }
}

async function writableRanges(pid: number): Promise<[start: number, end: number][]> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
  return [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)].map(([, start = '', end = '']) => [
    Number.parseInt(start, 16),
    Number.parseInt(end, 16),
  ]);
}

/** Empty where the system has no memory behind the addresses. */
async function readMemory(memory: FileHandle, position: number, length: number): Promise<Buffer> {
  const chunk = Buffer.alloc(length);
  const bytesRead = await memory.read(chunk, 0, length, position).then(
    (result) => result.bytesRead,
    () => 0,
  );
  return chunk.subarray(0, bytesRead);
}
