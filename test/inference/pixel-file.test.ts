import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { PixelFile, type PixelRegion, readPixels } from '../../src/inference/pixel-file.ts';
import { mulberry32 } from '../support/mulberry32.ts';
import { testSeed } from '../support/seed.ts';

const ROUNDS = 500;
const MAX_LENGTH = 300;
const MAX_IN_USE = 12;

function open(): PixelFile {
  const file = PixelFile.open(tmpdir());
  assert.ok(file);
  return file;
}

describe('a pixel file', () => {
  it('keeps each picture until it is freed, and no more bytes than pictures need together', (t) => {
    using file = open();
    const random = mulberry32(testSeed(t));
    const inUse: { region: PixelRegion; picture: Uint8Array }[] = [];
    let end = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const picture = new Uint8Array(1 + Math.floor(random() * MAX_LENGTH)).fill(round);
      const region = file.write(picture);
      assert.ok(region);
      inUse.push({ region, picture });
      end = Math.max(end, region.offset + region.length);
      for (const { region, picture } of inUse) assert.deepEqual(readPixels(file.descriptor, region), picture);
      while (inUse.length > random() * MAX_IN_USE) {
        const [freed] = inUse.splice(Math.floor(random() * inUse.length), 1);
        if (freed) file.free(freed.region);
      }
    }
    assert.ok(end <= 3 * MAX_IN_USE * MAX_LENGTH, `${end} bytes`);
  });

  it('is not there on a system without a folder in memory', () => {
    assert.equal(PixelFile.open('/no/such/folder'), undefined);
  });

  it('refuses a picture that it cannot write, and gives no picture that it does not have', () => {
    const file = open();
    const region = { offset: 10, length: 5 };
    assert.throws(() => readPixels(file.descriptor, region), /too short/);
    file[Symbol.dispose]();
    assert.equal(file.write(new Uint8Array(5)), undefined);
  });
});
