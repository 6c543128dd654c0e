import { EmptyState } from '../../components/empty-state.tsx';

export function JobsView() {
  return (
    <>
      <h1>Jobs</h1>
      <EmptyState title="Nothing is here yet" />
    </>
  );
}
