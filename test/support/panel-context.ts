import { DISABLED_FEATURE_CACHE } from '../../src/feature-cache/feature-cache.ts';
import type { PanelContext } from '../../src/jobs/pages/compute-panels.ts';
import { PageFeatures } from '../../src/jobs/pages/page-features.ts';
import { openResources, type WorkerResources } from '../../src/jobs/worker/worker-resources.ts';
import { createTestConfig, silentLogger } from './in-process-service.ts';
import { makeTinyModel } from './tiny-model.ts';

export interface TestPanelContext extends PanelContext, AsyncDisposable {
  readonly resources: WorkerResources;
}

/** The tiny model with engines and a cache, as a worker has them. */
export async function openPanelContext(): Promise<TestPanelContext> {
  const tinyModel = await makeTinyModel();
  const resources = await openResources(createTestConfig({ PANELVEC_HOME: tinyModel.home }), undefined, silentLogger);
  const openedModel = await resources.openModel('tiny@1');
  return {
    openedModel,
    features: new PageFeatures(resources.features, openedModel.servedModel.model),
    resources,
    signal: new AbortController().signal,
    async [Symbol.asyncDispose]() {
      openedModel[Symbol.dispose]();
      await resources.close();
      await tinyModel.remove();
    },
  };
}

/** The same without a cache: everything is computed. */
export function withoutCache(context: PanelContext): PanelContext {
  const { model } = context.openedModel.servedModel;
  return { ...context, features: new PageFeatures(DISABLED_FEATURE_CACHE, model) };
}
