import type { PageEntry } from '../../datasets/index-pages.ts';
import { PageFileError, type PageFileLimits, readPageFile } from '../../datasets/page-file.ts';
import type { PageNote } from '../../datasets/page-notes.ts';
import type { PageRecord } from '../../datasets/panel-files/many-page-files.ts';
import { parsePanelFile } from '../../datasets/panel-files/parse-panel-file.ts';
import { firstLine } from '../../errors.ts';

const FILE_REASONS = { missing: 'panels_missing', tooLarge: 'panels_too_large' };

/** The parsed JSON of the files that tell the panels of a page. */
export interface PanelFiles {
  readonly panels: unknown;
  /** null if the page has no file of texts; undefined if the dataset has no such files */
  readonly texts: unknown;
  /** The file that an error names */
  readonly name: string;
  readonly notes: readonly PageNote[];
}

/** Reads the panel files of a page, or takes what the index found in files for many pages. @throws PageFileError */
export async function readPanelFiles(page: PageEntry, resources: PageFileLimits): Promise<PanelFiles> {
  const { panelsPath, panelsRecord, textsPath, textsRecord } = page;
  const panels = await readFileOrRecord(panelsPath, panelsRecord, resources);
  const texts = textsPath === undefined ? undefined : await readFileOrRecord(textsPath, textsRecord, resources);
  return {
    panels: panels.value,
    texts: texts?.value,
    name: panelsPath ?? panelsRecord?.file ?? 'the page',
    notes: [...panels.notes, ...(texts?.notes ?? [])],
  };
}

interface ParsedFile {
  readonly value: unknown;
  readonly notes: readonly PageNote[];
}

async function readFileOrRecord(
  file: string | null,
  record: PageRecord | undefined,
  resources: PageFileLimits,
): Promise<ParsedFile> {
  if (file === null) return { value: record?.json ?? null, notes: [] };
  const bytes = await readPageFile(file, FILE_REASONS, resources);
  try {
    const { value, repeatedKey } = parsePanelFile(bytes);
    const notes = repeatedKey === undefined ? [] : [{ note: 'repeated_key', detail: JSON.stringify(repeatedKey) }];
    return { value, notes };
  } catch (cause) {
    throw new PageFileError('panels_unreadable', `${file}: ${firstLine(cause)}`, cause);
  }
}
