import type { Model } from '../model/model.ts';

/** What a submission is held against. */
export interface SubmissionContext {
  readonly home: string;
  readonly dataRoots: readonly string[];
  /** A model that is served, the first where no name is given. @throws PanelvecError model_not_found */
  getModel(name: string | undefined): Model;
}
