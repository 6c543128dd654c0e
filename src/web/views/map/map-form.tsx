import type { Collection } from '../../api/collections.ts';
import { COLOURINGS, type Colouring } from './map-colours.ts';
import type { MapQuery } from './map-query.ts';

interface MapFormProps {
  readonly query: MapQuery;
  readonly collections: readonly Collection[];
  readonly onChange: (change: Partial<MapQuery>) => void;
}

/** Which collection the map shows, in which colours, and what lights up on it. */
export function MapForm({ query, collections, onChange }: MapFormProps) {
  const isListed = collections.some(({ name }) => name === query.collection);
  return (
    <form
      class="map-form"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ text: String(new FormData(event.currentTarget).get('q') ?? '').trim() });
      }}
    >
      <label>
        Collection
        <select
          value={query.collection}
          onChange={(event) => onChange({ collection: event.currentTarget.value, text: '' })}
        >
          {!isListed && <option value={query.collection}>{query.collection}</option>}
          {collections.map(({ name, panels }) => (
            <option key={name} value={name}>
              {name} ({panels})
            </option>
          ))}
        </select>
      </label>
      <label>
        Colour by
        <select
          value={query.colouring}
          onChange={(event) => onChange({ colouring: event.currentTarget.value as Colouring })}
        >
          {COLOURINGS.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="map-words">
        Light up what these words find
        <input key={query.text} type="search" name="q" defaultValue={query.text} placeholder="Type words, then Enter" />
      </label>
    </form>
  );
}
