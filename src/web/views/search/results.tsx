import { useState } from 'preact/hooks';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorMessage } from '../../components/error-message.tsx';
import { PanelCard } from '../../components/panel-card.tsx';
import { panelAlt } from '../../components/panel-names.ts';
import { type FoldedRow, foldDuplicates } from './fold-duplicates.ts';
import { queryHref, type SearchQuery } from './search-query.ts';
import type { SearchRow, useSearch } from './use-search.ts';

/** As many as fit into a large window */
const EAGER_PICTURES = 8;

type OnMore = (list: 'positive' | 'negative', id: string) => void;

interface ResultsProps {
  readonly query: SearchQuery;
  readonly search: ReturnType<typeof useSearch>;
  readonly onMore: OnMore;
}

/** What was found, with near duplicates under their first. */
export function Results({ query, search, onMore }: ResultsProps) {
  const { rows, cursor, error, isLoading } = search;
  return (
    <section aria-label="Results" aria-busy={isLoading}>
      <p class="results-status" role="status">
        {describe(search, query.level)}
      </p>
      {error !== undefined && <ErrorMessage error={error} />}
      {rows?.length === 0 && !isLoading && (
        <EmptyState title="Nothing was found">
          <p>No {query.level} fits the filters. Take one away, or choose another collection.</p>
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <ul class={isLoading ? 'panel-grid is-loading' : 'panel-grid'}>
          {foldDuplicates(rows).map((folded, i) => (
            <Result
              key={folded.row.id}
              folded={folded}
              query={query}
              loading={i < EAGER_PICTURES ? 'eager' : 'lazy'}
              onMore={onMore}
            />
          ))}
        </ul>
      )}
      {rows && cursor !== null && (
        <button type="button" class="load-more secondary outline" disabled={isLoading} onClick={search.loadMore}>
          {isLoading ? 'Loading…' : 'Load more'}
        </button>
      )}
    </section>
  );
}

interface ResultProps {
  readonly folded: FoldedRow<SearchRow>;
  readonly query: SearchQuery;
  readonly loading: 'lazy' | 'eager';
  readonly onMore: OnMore;
}

function Result({ folded: { row, duplicates }, query, loading, onMore }: ResultProps) {
  const [isOpen, setOpen] = useState(false);
  const showsPage = query.level === 'page';
  const name = panelAlt(row);
  return (
    <>
      <PanelCard panel={row} href={queryHref(query, row.id)} score={row.score} showsPage={showsPage} loading={loading}>
        <div class="result-actions">
          <button type="button" aria-label={`more like this: ${name}`} onClick={() => onMore('positive', row.id)}>
            more like this
          </button>
          <button type="button" aria-label={`not like this: ${name}`} onClick={() => onMore('negative', row.id)}>
            not like this
          </button>
        </div>
        {duplicates.length > 0 && (
          <button type="button" class="link-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Hide' : 'Show'} {duplicates.length} nearly the same
          </button>
        )}
      </PanelCard>
      {isOpen &&
        duplicates.map((duplicate) => (
          <PanelCard
            key={duplicate.id}
            panel={duplicate}
            href={queryHref(query, duplicate.id)}
            score={duplicate.score}
            showsPage={showsPage}
          />
        ))}
    </>
  );
}

function describe(
  { rows, cursor, reading, isLoading, error }: ResultsProps['search'],
  level: SearchQuery['level'],
): string {
  if (isLoading) return 'Searching…';
  if (error !== undefined || rows === undefined) return '';
  const noun = rows.length === 1 ? level : `${level}s`;
  const count = cursor === null ? `${rows.length} ${noun}` : `The best ${rows.length} ${noun}`;
  const notes = [
    ...(reading?.truncated ? ['the end of the words was cut off'] : []),
    ...(reading && reading.unknown_tokens > 0 ? ['the model does not know all of the words'] : []),
  ];
  return [count, ...notes].join(' · ');
}
