import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildModel } from '../src/model/model-builder.ts';
import { homeModelsFolder } from '../src/model/model-folders.ts';
import { assembleStage3Base } from '../src/model-tools/stage3-base/assemble-stage3-base.ts';
import { seedEncoders } from '../src/model-tools/stage3-base/seeded-encoders.ts';
import { STAGE3_BASE, STAGE3_SIZES } from '../src/model-tools/stage3-base/stage3-files.ts';

const SEED = 1;

/** Encoders of full size with seeded weights, in a home of their own that goes when the bench does. */
export class FullSizeModel implements Disposable {
  /** A PANELVEC_HOME */
  readonly home = mkdtempSync(path.join(tmpdir(), 'panelvec-bench-'));
  readonly folder = path.join(homeModelsFolder(this.home), STAGE3_BASE);
  readonly #remove = () => rmSync(this.home, { recursive: true, force: true });

  private constructor() {
    process.on('exit', this.#remove);
  }

  static async make(): Promise<FullSizeModel> {
    process.stderr.write('making encoders of full size\n');
    const made = new FullSizeModel();
    await buildModel(homeModelsFolder(made.home), STAGE3_BASE, async (folder) => {
      await seedEncoders(folder, STAGE3_SIZES, SEED);
      return assembleStage3Base(folder, 'Encoders of full size with seeded weights, for measuring');
    });
    return made;
  }

  [Symbol.dispose](): void {
    this.#remove();
    process.off('exit', this.#remove);
  }
}
