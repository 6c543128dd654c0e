import type { Dataset } from '../../datasets/dataset-spec.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import type { PageFileLimits } from '../../datasets/page-file.ts';
import type { TextTokenizer } from '../../preprocess/text-tokenizer.ts';
import { describePage, type PageDescription } from '../pages/describe-page.ts';
import { readPage } from '../pages/read-page.ts';
import { readPanelText } from '../pages/read-panel-text.ts';

/** What checking a page needs. */
export interface CheckContext {
  readonly dataset: Dataset;
  readonly limits: PageFileLimits;
  /** The tokenizer of the model; without it texts are not checked */
  readonly tokenizer: TextTokenizer | undefined;
}

/** Reads the files of a page as an embed job does, but decodes no pixel and needs no engine. */
export function checkPage(entry: PageEntry, { dataset, limits, tokenizer }: CheckContext): Promise<PageDescription> {
  return describePage(entry, async () => {
    const content = await readPage(entry, dataset, limits);
    const textNotes = content.panels.map((panel) => tokenizer && readPanelText(panel, tokenizer).textNote);
    return { content, textNotes };
  });
}
