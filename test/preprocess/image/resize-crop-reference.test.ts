import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { decodeImage } from '../../../src/preprocess/image/decode-image.ts';
import { resizeCrop } from '../../../src/preprocess/image/resize-crop.ts';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { REFERENCE_FOLDER } from '../../support/reference-cases.ts';

const LIMITS = { maxImageBytes: 2 ** 24, maxImagePixels: 2 ** 24 };
/** Mean absolute difference to PIL, in grey levels. */
const TOLERANCE = 1;

const expected = await readSafetensors(path.join(REFERENCE_FOLDER, 'pages/resize.safetensors'));

for (const [name, { bytes, shape }] of expected.tensors) {
  it(`resizes image ${name} as PIL does`, async (t) => {
    const raster = await decodeImage(
      await readFile(path.join(REFERENCE_FOLDER, `pages/corpus/resize/${name}.png`)),
      LIMITS,
    );
    const fullCrop = { left: 0, top: 0, right: raster.width, bottom: raster.height };
    const actual = await resizeCrop(raster, fullCrop, shape[0]!);
    assert.equal(actual.length, bytes.length);
    const differences = actual.reduce((sum, value, i) => sum + Math.abs(value - bytes[i]!), 0);
    const mean = differences / bytes.length;
    t.diagnostic(`${raster.width} x ${raster.height}: mean difference ${mean.toFixed(3)} grey levels`);
    assert.ok(mean <= TOLERANCE, `image ${name} differs by ${mean} grey levels on average`);
  });
}
