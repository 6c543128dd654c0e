import { stat } from 'node:fs/promises';
import path from 'node:path';
import { elementAt } from '../../util/arrays.ts';
import type { PanelFormat } from '../dataset-spec.ts';
import type { ProgressOptions } from '../index-progress.ts';
import { type ManyPageFilesReport, zeroMatchCounts } from '../index-report.ts';
import { describeCandidates, type MatchLevel, matchIdentifiers, PAGE_IDS } from '../match-identifiers.ts';
import type { PageList } from '../page-list/page-list.ts';
import { ManyPageFiles, mayHaveManyPages, type PageRecord } from './many-page-files.ts';
import { type PanelFileCounts, type PanelFileExtension, panelFilePath, scanPanelFiles } from './scan-panel-files.ts';

/** The panel file of a page, or why there is none. */
export type PanelFileResult =
  | {
      /** null if a file for many pages has its panels */
      readonly file: string | null;
      /** The id of the file, where it differs from that of the page, or the file for many pages and the image in it */
      readonly id?: string;
      readonly record?: PageRecord;
    }
  | { readonly reason: 'no_panels' | 'ambiguous' | 'conflict'; readonly detail?: string };

/** A folder of panel files, or one file for many pages. */
export interface PanelRoot {
  readonly root: string;
  readonly format: PanelFormat;
}

interface PanelFileMatch {
  readonly row: number;
  readonly id: string;
  readonly level: MatchLevel;
}

/** The panel files of pages. */
export class PanelLookup {
  readonly #root: string;
  readonly #pages: PageList;
  /** By row of the list of pages: 1 if there is a file of exactly its id */
  readonly #exact: Uint8Array;
  /** By row: files whose id matches inexactly */
  readonly #fileMatches = new Map<number, PanelFileMatch>();
  readonly #problems = new Map<number, Exclude<PanelFileResult, { readonly file: string | null }>>();
  readonly matchCounts = zeroMatchCounts();
  readonly #manyPageFiles: ManyPageFiles;
  #files: PanelFileCounts = { files: 0, links: 0 };

  private constructor({ root, format }: PanelRoot, pages: PageList) {
    this.#root = path.resolve(root);
    this.#pages = pages;
    this.#manyPageFiles = new ManyPageFiles(format);
    this.#exact = new Uint8Array(pages.ids.length);
  }

  /**
   * Finds the panel files under a folder. Those that belong to no page by their name may be about many pages.
   * @param options `wantedRows`: by row of the list, 1 if the page's panels are wanted; `allowInexactIds`: whether a file
   *   may match a page whose id is written differently
   * @throws PanelvecError naming the folder that cannot be read; the signal's reason
   */
  static async find(
    panelRoot: PanelRoot,
    pages: PageList,
    { wantedRows, allowInexactIds }: { readonly wantedRows: Uint8Array; readonly allowInexactIds: boolean },
    progress: ProgressOptions = {},
  ): Promise<PanelLookup> {
    const { root, format } = panelRoot;
    const lookup = new PanelLookup(panelRoot, pages);
    if (await isFile(root)) {
      lookup.#files = { files: 1, links: 0 };
      lookup.#manyPageFiles.readOnly({ path: lookup.#root, id: path.parse(root).name });
      await lookup.#matchRecords(wantedRows, allowInexactIds, progress);
      return lookup;
    }
    const otherIds: string[] = [];
    const volumes: string[] = [];
    const onFile = (id: string, extension: PanelFileExtension) => {
      const row = pages.rowById.get(id);
      if (extension === '.mokuro') volumes.push(id);
      else if (row !== undefined) lookup.#exact[row] = 1;
      else if (allowInexactIds || mayHaveManyPages(format)) otherIds.push(id);
    };
    lookup.#files = await scanPanelFiles(lookup.#root, onFile, progress);
    // The system lists folders in any order, but the report must not depend on it.
    otherIds.sort();
    if (allowInexactIds) await lookup.#matchOthers(wantedRows, otherIds, progress);
    if (mayHaveManyPages(format)) {
      const matched = new Set(Array.from(lookup.#fileMatches.values(), ({ id }) => id));
      const unmatched = otherIds.filter((id) => !matched.has(id));
      await lookup.#manyPageFiles.readAll(
        volumes.sort().map((id) => ({ id, path: panelFilePath(lookup.#root, id, '.mokuro') })),
        unmatched.map((id) => ({ id, path: panelFilePath(lookup.#root, id) })),
        progress.signal,
      );
      await lookup.#matchRecords(wantedRows, allowInexactIds, progress);
    }
    return lookup;
  }

  get fileCounts(): PanelFileCounts {
    return this.#files;
  }

  get manyPageFiles(): ManyPageFilesReport {
    return this.#manyPageFiles.report;
  }

  /** The panel file of a wanted page. */
  get(row: number): PanelFileResult {
    if (this.#exact[row] === 1) return { file: panelFilePath(this.#root, elementAt(this.#pages.ids, row)) };
    const fileMatch = this.#fileMatches.get(row);
    if (fileMatch !== undefined) return { file: panelFilePath(this.#root, fileMatch.id), id: fileMatch.id };
    const record = this.#manyPageFiles.get(row);
    if (record !== undefined && !('reason' in record)) return { file: null, id: this.#toId(record), record };
    return this.#problems.get(row) ?? record ?? { reason: 'no_panels' };
  }

  /** The name of a file below the root, and the image in it, as pages in archives are named. */
  #toId({ file, name }: PageRecord): string {
    const fileName = path.relative(this.#root, file) || path.basename(file);
    return `${fileName.replaceAll(path.sep, '/')}/${name}`;
  }

  async #matchRecords(wantedRows: Uint8Array, allowInexactIds: boolean, progress: ProgressOptions): Promise<void> {
    const rows: number[] = [];
    for (const [row, isWanted] of wantedRows.entries()) {
      if (isWanted === 1 && this.#exact[row] === 0 && !this.#fileMatches.has(row)) rows.push(row);
    }
    await this.#manyPageFiles.match(rows, this.#pages.ids, allowInexactIds, progress);
  }

  async #matchOthers(wantedRows: Uint8Array, otherIds: string[], progress: ProgressOptions): Promise<void> {
    const { ids } = this.#pages;
    const rows: number[] = [];
    for (const [row, isWanted] of wantedRows.entries()) if (isWanted === 1 && this.#exact[row] === 0) rows.push(row);
    if (rows.length === 0 || this.#files.files === 0) return;
    const exact = this.#exact;
    function* candidates() {
      for (const [row, id] of ids.entries()) if (exact[row] === 1) yield id;
      yield* otherIds;
    }
    const pages = rows.map((row) => elementAt(ids, row));
    const fileMatchById = new Map<string, PanelFileMatch>();
    await matchIdentifiers(pages, candidates, PAGE_IDS, progress, (index, match) => {
      const fileMatch: PanelFileMatch = {
        row: elementAt(rows, index),
        id: elementAt(match.candidates, 0),
        level: match.level,
      };
      if (match.count > 1) {
        const detail = `its panel file could be ${describeCandidates(match)}`;
        this.#problems.set(fileMatch.row, { reason: 'ambiguous', detail });
        return;
      }
      const exactRow = this.#pages.rowById.get(fileMatch.id);
      const previous = fileMatchById.get(fileMatch.id);
      fileMatchById.set(fileMatch.id, fileMatch);
      if (exactRow !== undefined) this.#reportConflict(fileMatch, exactRow);
      else if (previous !== undefined) {
        this.#reportConflict(fileMatch, previous.row);
        this.#reportConflict(previous, fileMatch.row);
      } else {
        this.#fileMatches.set(fileMatch.row, fileMatch);
        this.matchCounts[fileMatch.level]++;
      }
    });
  }

  /** Reports that a file matches two pages. */
  #reportConflict({ row, id, level }: PanelFileMatch, otherRow: number): void {
    if (this.#fileMatches.delete(row)) this.matchCounts[level]--;
    const detail = `the panel file ${JSON.stringify(id)} could as well be that of ${JSON.stringify(this.#pages.ids[otherRow])}`;
    this.#problems.set(row, { reason: 'conflict', detail });
  }
}

async function isFile(root: string): Promise<boolean> {
  const stats = await stat(root).catch(() => undefined);
  return stats?.isFile() ?? false;
}
