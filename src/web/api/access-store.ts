import type { AccessResponse } from '../../http/routes/service/access-route.ts';
import type { ApiError } from './api-error.ts';

const STORAGE_KEY = 'panelvec-key';

export interface AccessState {
  /** The key that every request sends; undefined while none is in use */
  readonly key: string | undefined;
  /** Whether views may ask the service. `unknown` until it has said whether a key is needed */
  readonly phase: 'unknown' | 'open' | 'locked';
  /** What the caller may do; undefined while the service has not said it */
  readonly access: AccessResponse | undefined;
  readonly isAsking: boolean;
  /** Why a key is asked for */
  readonly refusal: ApiError | undefined;
}

let state: AccessState = {
  key: readStoredKey(),
  phase: 'unknown',
  access: undefined,
  isAsking: false,
  refusal: undefined,
};
const listeners = new Set<() => void>();

export function getAccessState(): AccessState {
  return state;
}

export function onAccessChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The service may be asked, with a key or without one. The key is kept as long as the tab, and nowhere else. */
export function openAccess(key: string | undefined, access: AccessResponse | undefined): void {
  storeKey(key);
  change({ key, phase: 'open', access, isAsking: false, refusal: undefined });
}

/** The service refused the key, or that there was none. What a view shows stays, so that nothing typed in it is lost. */
export function refuseAccess(refusal: ApiError): void {
  change({ phase: state.phase === 'open' ? 'open' : 'locked', isAsking: true, refusal });
}

export function lockAccess(): void {
  storeKey(undefined);
  change({ key: undefined, phase: 'locked', access: undefined, isAsking: false, refusal: undefined });
}

export function askForKey(): void {
  change({ isAsking: true });
}

function change(update: Partial<AccessState>): void {
  state = { ...state, ...update };
  for (const listener of listeners) listener();
}

function readStoredKey(): string | undefined {
  try {
    return sessionStorage.getItem(STORAGE_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function storeKey(key: string | undefined): void {
  try {
    if (key === undefined) sessionStorage.removeItem(STORAGE_KEY);
    else sessionStorage.setItem(STORAGE_KEY, key);
  } catch {
    // Where storage is blocked, the key lasts as long as the page.
  }
}
