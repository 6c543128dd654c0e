/**
 * Something that a page was read without, or read differently from how it is written. Notes are counted by their name and listed
 * in the report of a job; whoever finds something new gives it a name and needs to change nothing else.
 */
export interface PageNote {
  /** The index of the panel in its file, from 0; absent if the note is about the whole page */
  readonly panel?: number;
  readonly note: string;
  readonly detail?: string;
}
