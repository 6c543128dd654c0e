import { distance } from 'fastest-levenshtein';

const MAX_EDITS = 8;
const MAX_PATH_LENGTH = 200;

/** The path among those of the routes that somebody probably meant; undefined where none is similar. */
export function findSimilarPath(path: string, routeUrls: readonly string[]): string | undefined {
  // The distance takes time by the product of the lengths.
  if (path.length > MAX_PATH_LENGTH) return undefined;
  const candidates = routeUrls
    .filter((url) => !url.includes('*') && !url.startsWith('/docs/'))
    .map((route) => ({ url: fillParameters(route, path), fixedLength: route.replaceAll(/:\w+/g, '').length }))
    .map(({ url, fixedLength }) => ({ url, fixedLength, edits: distance(path.toLowerCase(), url.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = candidates;
  if (best === undefined || best.url === '/') return undefined;
  // What stands in place of a parameter is the same by construction.
  const maxEdits = Math.min(MAX_EDITS, Math.floor(Math.min(path.length, best.fixedLength) / 3));
  return best.edits <= maxEdits ? best.url : undefined;
}

/** A route's URL with the parameters that the path has at the same places. */
function fillParameters(routeUrl: string, path: string): string {
  const parts = path.split('/');
  return routeUrl
    .split('/')
    .map((part, i) => (part.startsWith(':') ? parts[i] || part : part))
    .join('/');
}
