import { PanelvecError } from '../../errors.ts';
import { resolveDataset, type ServiceSubmissionContext } from '../submission.ts';
import type { IndexRequest, IndexSpec } from './index-spec.ts';
import { openIndexedStore } from './indexed-store.ts';

/**
 * Resolves the model and the paths of a request, or looks whether its store can be indexed.
 * @throws PanelvecError naming the field; search_unavailable where there can be no collections
 */
export async function resolveIndex(request: IndexRequest, context: ServiceSubmissionContext): Promise<IndexSpec> {
  const { dataset, store, model, ...rest } = request;
  if (dataset !== undefined && store !== undefined) refuse('store', 'give either a dataset or a store');
  await context.assertCollections();
  if (store !== undefined) {
    if (model !== undefined) refuse('model', 'a store has the vectors of its own model: leave this field out');
    await openIndexedStore(context.home, store);
    return { ...rest, store };
  }
  if (dataset === undefined) return refuse('dataset', 'give a dataset, or the name of a store in `store`');
  const { id } = context.getModel(model);
  return { ...rest, dataset: await resolveDataset(dataset, context.dataRoots), model: id };
}

function refuse(param: string, message: string): never {
  throw new PanelvecError('invalid_request', message, { param });
}
