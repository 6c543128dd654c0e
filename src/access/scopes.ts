import { type KeyLimits, NO_LIMITS } from './key-limits.ts';

/** What a key may do. `admin` may do everything. */
export const SCOPES = ['embed', 'search', 'jobs', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Who may use a call: everybody, everybody without a key (`optional`: one that is sent is checked), the owner of any key, or the
 * owner of a key with a scope.
 */
export type Access = 'public' | 'optional' | 'any' | Scope;

/** Who sent a request. */
export interface Caller {
  /** Null for a caller without a key */
  readonly keyId: string | null;
  /** Of the key, or `anonymous` */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
  readonly limits: KeyLimits;
}

/** A caller without a key where nobody needs one. */
export const ANONYMOUS: Caller = {
  keyId: null,
  name: 'anonymous',
  scopes: SCOPES,
  expiresAt: null,
  limits: NO_LIMITS,
};
/** A caller without a key where one is needed: only public calls are left. */
export const UNIDENTIFIED: Caller = { ...ANONYMOUS, scopes: [] };

/** Whether a caller with these scopes may use a call. */
export function isAllowed(scopes: readonly Scope[], access: Access): boolean {
  if (access === 'public' || access === 'optional' || scopes.includes('admin')) return true;
  return access === 'any' ? scopes.length > 0 : scopes.includes(access);
}
