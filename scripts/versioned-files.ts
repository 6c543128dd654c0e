/** A file that has the version of the project. */
export interface VersionedFile {
  readonly file: string;
  /** What stands before each version */
  readonly prefixes: readonly RegExp[];
}

const LOCK_FILE_PREFIXES = [/^ {2}"version": "/m, /^ {4}"": \{\n {6}"name": ".*",\n {6}"version": "/m];

/** All files that have the version of the project. A test fails when one of them has another. */
export const VERSIONED_FILES: readonly VersionedFile[] = [
  { file: 'package.json', prefixes: [/^ {2}"version": "/m] },
  { file: 'package-lock.json', prefixes: LOCK_FILE_PREFIXES },
  { file: 'clients/typescript/package.json', prefixes: [/^ {2}"version": "/m] },
  { file: 'clients/typescript/package-lock.json', prefixes: LOCK_FILE_PREFIXES },
  { file: 'clients/python/pyproject.toml', prefixes: [/^version = "/m] },
  { file: 'deploy/helm/panelvec/Chart.yaml', prefixes: [/^version: /m, /^appVersion: "/m] },
  { file: 'deploy/helm/panelvec/values-gpu.yaml', prefixes: [/^ {2}tag: /m] },
  { file: 'docs/clients.md', prefixes: [/panelvec-client-/] },
  { file: 'docs/kubernetes.md', prefixes: [/REGISTRY\/panelvec:/] },
];

const VERSION_PATTERN = String.raw`\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?`;

/** Whether a text is a version that the project may have. */
export function isVersion(text: string): boolean {
  return new RegExp(`^${VERSION_PATTERN}$`).test(text);
}

/** The versions that a file has, each undefined where it is missing. */
export function findVersions(content: string, { prefixes }: VersionedFile): (string | undefined)[] {
  return prefixes.map((prefix) => pattern(prefix).exec(content)?.[2]);
}

export function replaceVersions(content: string, { prefixes }: VersionedFile, version: string): string {
  return prefixes.reduce((text, prefix) => text.replace(pattern(prefix), `$1${version}`), content);
}

function pattern({ source, flags }: RegExp): RegExp {
  return new RegExp(`(${source})(${VERSION_PATTERN})`, flags);
}
