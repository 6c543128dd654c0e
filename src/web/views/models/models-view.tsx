import { EmptyState } from '../../components/empty-state.tsx';

export function ModelsView() {
  return (
    <>
      <h1>Models</h1>
      <EmptyState title="Nothing is here yet" />
    </>
  );
}
