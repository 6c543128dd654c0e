import type { AccessResponse } from '../../http/routes/service/access-route.ts';
import { getAccessState, lockAccess, openAccess, refuseAccess } from './access-store.ts';
import { ApiError } from './api-error.ts';
import { getJson } from './client.ts';

const ACCESS_PATH = '/v1/access';
/** What a header can hold */
const KEY_TEXT = /^[\x21-\x7e]+$/;

/** Asks the service whether a key is needed, and what the one of this tab may do. */
export async function loadAccess(): Promise<void> {
  const { key } = getAccessState();
  try {
    const access = await getJson<AccessResponse>(ACCESS_PATH);
    if (isAllowed(access)) openAccess(key, access);
    else refuseAccess(new ApiError('This service answers only those who have a key.', 401, { code: 'key_missing' }));
  } catch (error) {
    // The client has taken note of a refused key. Whatever else went wrong, the views will say it.
    if (getAccessState().phase === 'unknown') openAccess(key, undefined);
    else if (!(error instanceof ApiError)) throw error;
  }
}

/** Takes a key into use once the service has taken it. @throws ApiError in the words of the service */
export async function enterKey(text: string): Promise<void> {
  const key = text.trim();
  if (!KEY_TEXT.test(key)) throw new ApiError('A key has no spaces, and only plain letters, digits and signs.', 0);
  const access = await getJson<AccessResponse>(ACCESS_PATH, { key });
  if (access.key === null) throw new ApiError('This is no key of this service. It begins with pv_.', 0);
  openAccess(key, access);
}

/** Forgets the key of this tab, and everything that it has shown. */
export function forgetKey(): void {
  lockAccess();
  location.reload();
}

function isAllowed({ anonymous, key }: AccessResponse): boolean {
  return anonymous || key !== null;
}
