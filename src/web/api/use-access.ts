import { useEffect, useState } from 'preact/hooks';
import type { Scope } from '../../access/scopes.ts';
import { type AccessState, getAccessState, onAccessChange } from './access-store.ts';

export function useAccess(): AccessState {
  const [state, setState] = useState(getAccessState);
  useEffect(() => {
    const update = () => setState(getAccessState());
    update();
    return onAccessChange(update);
  }, []);
  return state;
}

/** Whether the service would let the caller use what needs a scope. It is asked all the same where it has not said so. */
export function useIsAllowed(scope: Scope): boolean {
  const { access } = useAccess();
  if (access === undefined || access.key === null) return true;
  return access.key.scopes.includes(scope) || access.key.scopes.includes('admin');
}
