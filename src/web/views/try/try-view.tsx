import { EmptyState } from '../../components/empty-state.tsx';

export function TryView() {
  return (
    <>
      <h1>Try</h1>
      <EmptyState title="Nothing is here yet" />
    </>
  );
}
