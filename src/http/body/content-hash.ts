import { crc32 } from 'node:zlib';

/**
 * Turns the contents of a body into a fraction, by which a canary gets its share of the requests. Equal contents have equal
 * fractions, in any service and after any restart. Whoever wants to may choose contents for one side: this decides nothing else.
 */
export class ContentHash {
  #crc = 0;

  update(contents: string | Uint8Array): void {
    this.#crc = crc32(contents, this.#crc);
  }

  /** In [0, 1) */
  get fraction(): number {
    return mix(this.#crc) / 2 ** 32;
  }
}

/** The last step of MurmurHash3: similar contents have similar checksums, and would fall to one side. */
function mix(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
