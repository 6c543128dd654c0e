import { PanelvecError } from '../errors.ts';
import { type Model, verifyFiles } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import { findModel, modelRoots } from '../model/model-folders.ts';
import { loadTokenizer, type TextTokenizer } from '../preprocess/text-tokenizer.ts';

export interface ServedModel {
  readonly model: Model;
  /** Undefined where the model has none; then it takes token ids only. */
  readonly tokenizer: TextTokenizer | undefined;
}

/** The models of this service, the default first. They are found by `name` or `name@version`. */
export class ServedModels {
  readonly #models: readonly ServedModel[];

  constructor(models: readonly ServedModel[]) {
    this.#models = models;
  }

  /** Reads the models and compares every file with its hash. @throws ModelError */
  static async load(names: readonly string[], home: string): Promise<ServedModels> {
    const served: ServedModel[] = [];
    for (const name of names) {
      const model = await findModel(name, modelRoots(home));
      if (served.some((other) => other.model.id === model.id)) throw new ModelError(`model ${model.id} is named twice`);
      await verifyFiles(model);
      const tokenizer = model.spec.text.tokenizer === undefined ? undefined : await loadTokenizer(model);
      served.push({ model, tokenizer });
    }
    return new ServedModels(served);
  }

  get all(): readonly Model[] {
    return this.#models.map((served) => served.model);
  }

  has(name: string): boolean {
    return this.#findByName(name) !== undefined;
  }

  /** @throws PanelvecError model_not_found */
  find(name: string | undefined): ServedModel {
    const match = name === undefined ? this.#models[0] : this.#findByName(name);
    if (match !== undefined) return match;
    const knownIds = this.all.map((model) => model.id).join(', ');
    throw new PanelvecError('model_not_found', `there is no model "${name}" here; there is ${knownIds}`, {
      param: 'model',
    });
  }

  #findByName(name: string): ServedModel | undefined {
    return this.#models.find(({ model }) => model.id === name || model.spec.name === name);
  }
}
