import { useEffect, useState } from 'preact/hooks';
import { getPanels, type Panel } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { Loading } from '../../components/loading.tsx';
import { PanelCard } from '../../components/panel-card.tsx';

const PAGE_SIZE = 24;

interface PanelListProps {
  readonly title: string;
  readonly collection: string;
  readonly ids: readonly string[];
  readonly hrefOf: (id: string) => string;
  readonly onClose: () => void;
}

/** Panels of the map with their pictures, some at a time. */
export function PanelList({ title, collection, ids, hrefOf, onClose }: PanelListProps) {
  const [pages, setPages] = useState(1);
  useEffect(() => setPages(1), [ids]);
  const shown = ids.slice(0, pages * PAGE_SIZE);
  const { data: panels, error } = useRequest<readonly Panel[]>(
    async (signal) => {
      const batches = Array.from({ length: pages }, (_, page) => shown.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE));
      return (await Promise.all(batches.map((batch) => getPanels(collection, batch, signal)))).flat();
    },
    [collection, ids, pages],
  );
  return (
    <section class="map-list" aria-labelledby="map-list-title">
      <header>
        <h2 id="map-list-title" aria-live="polite">
          {title}: {ids.length.toLocaleString('en')} {ids.length === 1 ? 'panel' : 'panels'}
        </h2>
        <button type="button" class="map-list-close secondary outline" onClick={onClose}>
          Close the list
        </button>
      </header>
      {error !== undefined && <ErrorMessage error={error} />}
      {!panels && !error && <Loading label="Panels are loading" />}
      {panels && (
        <ul class="panel-grid">
          {panels.map((panel) => (
            <PanelCard key={panel.id} panel={panel} href={hrefOf(panel.id)} />
          ))}
        </ul>
      )}
      {ids.length > shown.length && (
        <button type="button" class="secondary" onClick={() => setPages(pages + 1)}>
          Show more
        </button>
      )}
    </section>
  );
}
