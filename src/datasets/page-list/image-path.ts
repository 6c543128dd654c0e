import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beginnings of paths, and the folders that take their place. The longest beginning that fits is taken. */
export type PathMap = readonly { readonly from: string; readonly to: string }[];

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;
const DATA_URI = /^data:/i;
const FILE_URL = /^file:/i;
/** In these URLs a blank is %20, and in those of buckets it is a blank. */
const ESCAPED_URL = /^(?:https?|file):/i;
const DRIVE_OR_SHARE = /^(?:[a-z]:|\\\\)/i;
/** A letter and a colon alone may begin the name of a file. */
const WINDOWS_PATH = /^(?:[a-z]:[\\/]|[a-z]:.*\\|\\\\)/i;
/** //, /./, /../ or / at the end */
const HAS_RELATIVE_PARTS = /\/\.{0,2}(?:\/|$)/;
/** A file URL with a drive: /E:/pages/a.jpg */
const DRIVE_OF_URL = /^\/(?=[a-z]:)/i;

export function createPathMap(map: Readonly<Record<string, string>>): PathMap {
  const entries = Object.entries(map).map(([from, to]) => ({ from, to }));
  return entries.sort((a, b) => b.from.length - a.from.length);
}

/**
 * The absolute path of an image as a manifest writes it. What the system cannot open is refused and not taken for a path
 * under the manifest's folder.
 * @param folder where relative paths start
 */
export function resolveImagePath(
  written: string,
  folder: string,
  map: PathMap,
  isWindows: boolean = path.sep === '\\',
): { readonly path: string } | { readonly problem: string } {
  // Most of millions of paths.
  if (map.length === 0 && !isWindows && written.startsWith('/') && !HAS_RELATIVE_PARTS.test(written))
    return { path: written };
  const mapped = applyPathMap(written, map);
  if (mapped !== undefined) return { path: path.resolve(folder, mapped) };
  if (FILE_URL.test(written)) return resolveFileUrl(written, folder, map, isWindows);
  const scheme = SCHEME.exec(written)?.[0] ?? DATA_URI.exec(written)?.[0];
  if (scheme !== undefined) return refuse(written, `${scheme} is not read`);
  if (isWindows) return { path: path.resolve(folder, written) };
  if (WINDOWS_PATH.test(written)) return refuse(written, 'a path of Windows');
  // Relative paths from Windows may mix both separators.
  return { path: path.resolve(folder, path.isAbsolute(written) ? written : written.replaceAll('\\', '/')) };
}

function resolveFileUrl(
  url: string,
  folder: string,
  map: PathMap,
  isWindows: boolean,
): ReturnType<typeof resolveImagePath> {
  let file: string;
  try {
    if (!url.slice('file:'.length).startsWith('/')) return refuse(url, 'a file URL without an absolute path');
    file = fileURLToPath(url, { windows: isWindows });
  } catch {
    // It has another host, or an escape that is no character of a file name.
    return refuse(url, 'a file URL that is not of this machine');
  }
  return resolveImagePath(file.replace(DRIVE_OF_URL, ''), folder, map, isWindows);
}

function refuse(written: string, what: string): { readonly problem: string } {
  return { problem: `${JSON.stringify(written)}: ${what}; give its beginning and a folder in dataset.path_map` };
}

function applyPathMap(written: string, map: PathMap): string | undefined {
  const entry = map.find(({ from }) => hasBeginning(written, from));
  if (entry === undefined) return undefined;
  const rest = toLocalRest(written.slice(entry.from.length), entry.from);
  return rest === '' ? entry.to : `${entry.to.replace(/[\\/]+$/, '')}/${rest}`;
}

/** Windows tells neither separators nor cases apart. */
function hasBeginning(written: string, beginning: string): boolean {
  const start = written.slice(0, beginning.length);
  const toKey = (text: string) => (DRIVE_OR_SHARE.test(beginning) ? text.replaceAll('\\', '/').toLowerCase() : text);
  if (toKey(start) !== toKey(beginning)) return false;
  const isWholeName = written.length === beginning.length || /[\\/]$/.test(beginning);
  return isWholeName || /[\\/]/.test(written.charAt(beginning.length));
}

/** The end of a mapped path, as it is called below its new folder. */
function toLocalRest(rest: string, beginning: string): string {
  const relative = rest.replace(/^[\\/]+/, '');
  if (DRIVE_OR_SHARE.test(beginning)) return relative.replaceAll('\\', '/');
  if (!ESCAPED_URL.test(beginning)) return relative;
  try {
    return decodeURIComponent(relative);
  } catch {
    return relative;
  }
}
