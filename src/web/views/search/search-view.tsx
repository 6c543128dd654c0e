import { EmptyState } from '../../components/empty-state.tsx';

export function SearchView() {
  return (
    <>
      <h1>Search</h1>
      <EmptyState title="Nothing is here yet" />
    </>
  );
}
