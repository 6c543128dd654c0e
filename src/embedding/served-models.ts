import { SETTINGS } from '../config.ts';
import { PanelvecError } from '../errors.ts';
import { type Model, verifyFiles } from '../model/model.ts';
import { ModelError } from '../model/model-error.ts';
import { findModel, modelRoots } from '../model/model-folders.ts';
import { loadTokenizer, type TextTokenizer } from '../preprocess/text-tokenizer.ts';

export interface ServedModel {
  readonly model: Model;
  /** Undefined where the model has none; then it takes token ids only. */
  readonly tokenizer: TextTokenizer | undefined;
  /** Of the text encoder for labels, where the model has one */
  readonly labelTokenizer?: TextTokenizer | undefined;
}

/** The models of this service, the default first. They are found by `name`, `name@version` or an alias. */
export class ServedModels {
  readonly #models: readonly ServedModel[];
  readonly #byAlias: ReadonlyMap<string, ServedModel>;

  /** @param aliases `alias=model` each @throws PanelvecError config_invalid naming the alias that cannot be */
  constructor(models: readonly ServedModel[], aliases: readonly string[] = []) {
    this.#models = models;
    this.#byAlias = this.#parseAliases(aliases);
  }

  /** Reads the models and compares every file with its hash. @throws ModelError */
  static async load(names: readonly string[], home: string, aliases: readonly string[] = []): Promise<ServedModels> {
    const served: ServedModel[] = [];
    for (const name of names) {
      const model = await findModel(name, modelRoots(home));
      if (served.some((other) => other.model.id === model.id)) throw new ModelError(`model ${model.id} is named twice`);
      await verifyFiles(model);
      const tokenizer = model.spec.text.tokenizer === undefined ? undefined : await loadTokenizer(model);
      const labelText = model.spec.zero_shot?.text;
      const labelTokenizer = labelText && (await loadTokenizer(model, labelText));
      served.push({ model, tokenizer, labelTokenizer });
    }
    return new ServedModels(served, aliases);
  }

  get all(): readonly Model[] {
    return this.#models.map((served) => served.model);
  }

  has(name: string): boolean {
    return this.#findByNameOrAlias(name) !== undefined;
  }

  /** The further names of a model */
  aliasesOf({ id }: Model): string[] {
    return [...this.#byAlias].filter(([, { model }]) => model.id === id).map(([alias]) => alias);
  }

  /** @throws PanelvecError model_not_found */
  find(name: string | undefined): ServedModel {
    const match = name === undefined ? this.#models[0] : this.#findByNameOrAlias(name);
    if (match !== undefined) return match;
    const knownNames = [...this.all.map((model) => model.id), ...this.#byAlias.keys()].join(', ');
    throw new PanelvecError('model_not_found', `there is no model "${name}" here; there is ${knownNames}`, {
      param: 'model',
    });
  }

  #findByName(name: string): ServedModel | undefined {
    return this.#models.find(({ model }) => model.id === name || model.spec.name === name);
  }

  #findByNameOrAlias(name: string): ServedModel | undefined {
    return this.#findByName(name) ?? this.#byAlias.get(name);
  }

  #parseAliases(aliases: readonly string[]): Map<string, ServedModel> {
    const byAlias = new Map<string, ServedModel>();
    for (const entry of aliases) {
      const [alias = '', target = ''] = entry.split('=');
      const served = this.#findByName(target);
      if (served === undefined) throw aliasError(entry, `no model "${target}" is loaded`);
      if (this.#findByName(alias)) throw aliasError(entry, 'a model has this name');
      if (byAlias.has(alias)) throw aliasError(entry, 'the alias is given twice');
      byAlias.set(alias, served);
    }
    return byAlias;
  }
}

function aliasError(entry: string, problem: string): PanelvecError {
  const { env, flag } = SETTINGS.modelAliases;
  return new PanelvecError('config_invalid', `${env} (${flag}): "${entry}": ${problem}`);
}
