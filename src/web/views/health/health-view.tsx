import { EmptyState } from '../../components/empty-state.tsx';

export function HealthView() {
  return (
    <>
      <h1>Health</h1>
      <EmptyState title="Nothing is here yet" />
    </>
  );
}
