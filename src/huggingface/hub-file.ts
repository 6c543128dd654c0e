/** One file of a repository, and where it goes. */
export interface HubFile {
  /** `owner/name` */
  readonly repo: string;
  /** Branch, tag or commit */
  readonly revision: string;
  /** Path inside the repository */
  readonly path: string;
  /** File name in the target folder */
  readonly fileName: string;
}

export interface HubSettings {
  /** Base URL of the hub; Hugging Face's where undefined */
  readonly endpoint: string | undefined;
  /** Access token, sent to the endpoint's origin alone */
  readonly token: string | undefined;
  /** Files in work at a time */
  readonly parallel: number;
}

export function describeFile({ repo, revision, path }: HubFile): string {
  return `${repo}@${revision}: ${path}`;
}
