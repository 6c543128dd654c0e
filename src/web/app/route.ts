import { useEffect, useState } from 'preact/hooks';

/** A place in the page, as its address says after the #: `#/jobs/<id>?tab=log` */
export interface Route {
  readonly view: string;
  /** The parts of the path after the view */
  readonly segments: readonly string[];
  readonly params: URLSearchParams;
}

export type RouteParams = Readonly<Record<string, string | readonly string[] | undefined>>;

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [view = '', ...segments] = path.split('/').map(decodePart);
  return { view, segments, params: new URLSearchParams(query) };
}

/** The address of a view, for links. What is undefined or empty is left out; a list repeats its name. */
export function routeHref(view: string, segments: readonly string[] = [], params: RouteParams = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const item of [value ?? []].flat()) if (item !== '') query.append(name, item);
  }
  const path = [view, ...segments].map(encodeURIComponent).join('/');
  return query.size > 0 ? `#/${path}?${query}` : `#/${path}`;
}

/** Goes to an address of the page; `replace` leaves no step for the back button. */
export function navigate(href: string, { replace = false } = {}): void {
  if (href === location.hash) return;
  if (!replace) {
    location.hash = href;
    return;
  }
  history.replaceState(null, '', href);
  // The browser reports only what it changed itself.
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const update = () => setHash(location.hash);
    addEventListener('hashchange', update);
    update();
    return () => removeEventListener('hashchange', update);
  }, []);
  return parseRoute(hash);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
