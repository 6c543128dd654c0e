import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import { waitForAll } from '../../util/wait-for-all.ts';
import type { TaskContext } from '../job-kind.ts';
import { type EmbeddedPage, embedPage, type PageContext } from './embed-page.ts';
import { PageFeatures } from './page-features.ts';

/** Embeds the pages of a part, some at a time, and reports how many are done. The first failure ends them all. */
export async function embedPages(
  entries: readonly PageEntry[],
  dataset: Dataset,
  modelId: string,
  { resources, signal, reportProgress }: TaskContext,
): Promise<EmbeddedPage[]> {
  using openedModel = await resources.openModel(modelId);
  const failure = new AbortController();
  const pageContext: PageContext = {
    dataset,
    openedModel,
    resources,
    features: new PageFeatures(resources.features, openedModel.servedModel.model),
    signal: AbortSignal.any([signal, failure.signal]),
  };
  let done = 0;
  const pagePromises = entries.map((entry) =>
    resources.pageLimit(async () => {
      const page = await embedPage(entry, pageContext);
      reportProgress(++done);
      return page;
    }),
  );
  return waitForAll(pagePromises, () => failure.abort());
}
