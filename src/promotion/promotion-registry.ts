import type { ServedModel } from '../embedding/served-model.ts';
import type { Model } from '../model/model.ts';

/** What an evaluation must say of a model. */
export interface Requirement {
  /** Id of the evaluate job */
  readonly evaluation: string;
  /** The model to compare with: `active`, or an id */
  readonly noWorseThan: string;
  /** How much less a measure may be, by its name */
  readonly margins: Readonly<Record<string, number>>;
}

/** What promotions need of the registered models. */
export interface PromotionRegistry {
  /** @throws PanelvecError model_not_found, model_invalid where the model is broken or retired */
  readModel(id: string): Promise<Model>;
  /** Compares the golden vectors of a loaded model. @throws PanelvecError golden_mismatch */
  checkGolden(served: ServedModel): Promise<void>;
  /** @throws PanelvecError evaluation_worse, evaluation_mismatch */
  assertNoWorse(candidate: string, active: string | undefined, requirement: Requirement): Promise<void>;
}
