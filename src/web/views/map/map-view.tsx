import { EmptyState } from '../../components/empty-state.tsx';

export function MapView() {
  return (
    <>
      <h1>Map</h1>
      <EmptyState title="Nothing is here yet" />
    </>
  );
}
