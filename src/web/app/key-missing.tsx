import { askForKey } from '../api/access-store.ts';
import { EmptyState } from '../components/empty-state.tsx';

/** In place of every view while the service would refuse what it asks for. */
export function KeyMissing({ title }: { readonly title: string }) {
  return (
    <>
      <h1>{title}</h1>
      <EmptyState title="This service asks for an API key">
        <button type="button" onClick={askForKey}>
          Enter a key
        </button>
      </EmptyState>
    </>
  );
}
