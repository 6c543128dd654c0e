import { PanelvecError } from '../errors.ts';
import { type AllowedHosts, withoutFinalDot } from './allowed-hosts.ts';

const MAX_URL_CHARACTERS = 2048;
const HTTP_SCHEME = /^\s*https?:/i;

/** Whether a text is meant as a URL of a host. */
export function isHttpUrl(text: string): boolean {
  return HTTP_SCHEME.test(text);
}

/**
 * Reads the URL of an image, or where it redirects to. The result alone is used from then on: whatever a text may mean to others,
 * what is checked is what is connected to.
 * @throws PanelvecError image_url_refused
 */
export function parseImageUrl(text: string, hosts: AllowedHosts, base?: URL): URL {
  if (text.length > MAX_URL_CHARACTERS)
    throw new PanelvecError('image_url_refused', `the URL has over ${MAX_URL_CHARACTERS} characters`);
  const url = URL.parse(text, base?.href);
  if (url === null) throw new PanelvecError('image_url_refused', 'the URL cannot be read');
  if (!isHttpUrl(url.protocol)) throw new PanelvecError('image_url_refused', `${url.protocol} is not fetched`);
  if (url.username !== '' || url.password !== '')
    throw new PanelvecError('image_url_refused', 'the URL has a user name or a password');
  url.hostname = withoutFinalDot(url.hostname);
  if (!hosts.has(url)) {
    const message = 'PANELVEC_IMAGE_URL_HOSTS does not have its host, with this scheme and port';
    throw new PanelvecError('image_url_refused', message);
  }
  return url;
}
