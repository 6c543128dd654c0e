export const PAGE_FILE_NOTES = [
  /** Names in an archive that do not say their encoding */
  'names_as_utf8',
  'names_as_declared',
  'names_as_cp437',
  /** A ZIP archive that is called .cbr, say */
  'zip_of_another_name',
  /** A ComicInfo.xml that cannot be read, or that is of other pages, and gives no types */
  'comic_info_unreadable',
  'comic_info_of_other_pages',
  /** A ComicInfo.xml that says that the book is read from right to left */
  'right_to_left',
] as const;
export type PageFileNote = (typeof PAGE_FILE_NOTES)[number];

/** What was found in folders and archives of pages, as plain JSON. */
export interface PageFilesReport {
  readonly images: number;
  readonly archives: number;
  /** The number of other files by their extension, the most frequent ones; `hidden` and `links` count hidden files and links to folders */
  readonly ignored: Readonly<Record<string, number>>;
  readonly notes: Readonly<Partial<Record<PageFileNote, number>>>;
  /** The first files of each note */
  readonly noteExamples: readonly { readonly note: PageFileNote; readonly file: string; readonly detail?: string }[];
}

const MAX_EXTENSIONS = 50;
const EXAMPLES_PER_NOTE = 20;

/** Counts what is found. */
export class PageFileCounter {
  images = 0;
  archives = 0;
  readonly #ignored = new Map<string, number>();
  readonly #notes = new Map<PageFileNote, { file: string; detail?: string }[]>();

  ignore(kind: string): void {
    this.#ignored.set(kind, (this.#ignored.get(kind) ?? 0) + 1);
  }

  note(note: PageFileNote, file: string, detail?: string): void {
    const files = this.#notes.get(note) ?? [];
    this.#notes.set(note, files);
    files.push({ file, ...(detail !== undefined && { detail }) });
  }

  /** The report. It does not depend on the order in which files were found. */
  get report(): PageFilesReport {
    const sorted = [...this.#notes].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      images: this.images,
      archives: this.archives,
      ignored: Object.fromEntries(
        [...this.#ignored]
          .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
          .slice(0, MAX_EXTENSIONS),
      ),
      notes: Object.fromEntries(sorted.map(([note, files]) => [note, files.length])),
      noteExamples: sorted.flatMap(([note, files]) =>
        files
          .toSorted((a, b) => (a.file < b.file ? -1 : 1))
          .slice(0, EXAMPLES_PER_NOTE)
          .map((file) => ({ note, ...file })),
      ),
    };
  }
}
