import { getPanels } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { panelAlt, pictureUrl } from '../../components/panel-names.ts';
import { Picture } from '../../components/picture.tsx';
import type { SearchQuery } from './search-query.ts';

interface QueryChipsProps {
  readonly query: SearchQuery;
  readonly onChange: (change: Partial<SearchQuery>) => void;
}

/** The panels that results should be like, and those that they should not be like. Each can be taken away. */
export function QueryChips({ query, onChange }: QueryChipsProps) {
  const { collection, positive, negative } = query;
  const ids = [...positive, ...negative];
  const { data: panels } = useRequest((signal) => getPanels(collection, ids, signal), [collection, ids.join()]);
  if (ids.length === 0) return null;

  const chip = (list: 'positive' | 'negative', label: string) => (id: string) => {
    const panel = panels?.find((candidate) => candidate.id === id);
    const name = panel ? panelAlt(panel) : `panel ${id}`;
    return (
      <li key={id} class={`chip chip-${list}`}>
        {panel && <Picture src={pictureUrl(panel.image_url, 160)} alt={name} loading="eager" />}
        <span>{label}</span>
        <button
          type="button"
          aria-label={`Take away: ${label} ${name}`}
          onClick={() => onChange({ [list]: query[list].filter((other) => other !== id) })}
        >
          ×
        </button>
      </li>
    );
  };
  return (
    <ul class="query-chips" aria-label="Panels of this search">
      {positive.map(chip('positive', 'like'))}
      {negative.map(chip('negative', 'not like'))}
    </ul>
  );
}
