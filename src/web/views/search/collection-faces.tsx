import { type Collection, getMap, getPanels } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { routeHref } from '../../app/route.ts';
import { PanelCard } from '../../components/panel-card.tsx';
import { queryHref, type SearchQuery } from './search-query.ts';

const MAX_FACES = 12;
/** The first row */
const EAGER_FACES = 4;

interface CollectionFacesProps {
  readonly query: SearchQuery;
  readonly collection: Collection;
}

/** What a collection shows: the panel nearest to the centre of each of its clusters. */
export function CollectionFaces({ query, collection: { name, has_map } }: CollectionFacesProps) {
  const { data: panels } = useRequest(
    async (signal) => (has_map ? getPanels(name, await findFaces(name, signal), signal) : []),
    [name],
  );
  if (!panels || panels.length === 0) return null;
  return (
    <section aria-labelledby="faces-title">
      <h2 id="faces-title" class="section-title">
        What is in it <a href={routeHref('map', [], { collection: name })}>the whole map</a>
      </h2>
      <ul class="panel-grid">
        {panels.map((panel, i) => (
          <PanelCard
            key={panel.id}
            panel={panel}
            href={queryHref(query, panel.id)}
            loading={i < EAGER_FACES ? 'eager' : 'lazy'}
          />
        ))}
      </ul>
    </section>
  );
}

async function findFaces(collection: string, signal: AbortSignal): Promise<readonly string[]> {
  const { clusters } = await getMap(collection, signal);
  return clusters.flatMap(({ faces }) => faces.slice(0, 1)).slice(0, MAX_FACES);
}
