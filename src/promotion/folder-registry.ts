import type { ServedModel } from '../embedding/served-model.ts';
import { PanelvecError } from '../errors.ts';
import type { ModelPools } from '../inference/model-pools.ts';
import type { Model } from '../model/model.ts';
import { findModel, listModelNames, modelRoots } from '../model/model-folders.ts';
import type { PromotionRegistry } from './promotion-registry.ts';

/** The models of the folders of this machine. */
export class FolderRegistry implements PromotionRegistry {
  readonly #roots: readonly string[];
  readonly #pool: ModelPools;

  constructor(home: string, pool: ModelPools) {
    this.#roots = modelRoots(home);
    this.#pool = pool;
  }

  async readModel(id: string): Promise<Model> {
    for (const name of await listModelNames(this.#roots)) {
      const model = await findModel(name, this.#roots).catch(() => undefined);
      if (model?.id === id) return model;
    }
    throw new PanelvecError('model_not_found', `there is no model "${id}"`, { param: 'id' });
  }

  async checkGolden({ model }: ServedModel): Promise<void> {
    const item = { pixels: null, tokens: null, composition: new Float32Array(7), outputs: ['fused'] } as const;
    for (const { results } of await this.#pool.runOnEach(model.id, [item])) {
      if (results.some(({ vectors }) => !vectors.fused?.every(Number.isFinite))) {
        throw new PanelvecError('golden_mismatch', `${model.id} gives numbers that are not finite`);
      }
    }
  }

  async assertNoWorse(): Promise<void> {
    throw new PanelvecError('evaluation_mismatch', 'evaluations are not known here');
  }
}
