/** One file of a repository, and its name in the target folder. */
export interface HubFile {
  /** `owner/name` */
  readonly repo: string;
  /** Branch, tag or commit */
  readonly revision: string;
  /** Path inside the repository */
  readonly path: string;
  readonly fileName: string;
}

export function describeFile({ repo, revision, path }: HubFile): string {
  return `${repo}@${revision}: ${path}`;
}
