import { type Collection, getFacets } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { useMediaQuery } from '../../components/use-media-query.ts';
import type { SearchQuery } from './search-query.ts';

interface FiltersProps {
  readonly query: SearchQuery;
  readonly collections: readonly Collection[];
  readonly onChange: (change: Partial<SearchQuery>) => void;
}

/** Where to search. On a narrow screen the filters open on demand, so that they do not push the pictures away. */
export function Filters(props: FiltersProps) {
  const isWide = useMediaQuery('(width >= 48rem)');
  if (isWide) return <FilterFields {...props} />;
  const { book, pageType, hasText } = props.query;
  const count = [book, pageType, hasText].filter(Boolean).length;
  return (
    <details class="filters-details">
      <summary>
        {props.query.collection} · {count === 0 ? 'no filters' : count === 1 ? '1 filter' : `${count} filters`}
      </summary>
      <FilterFields {...props} />
    </details>
  );
}

/** The collection, a book, a type of pages, panels with or without words. */
function FilterFields({ query, collections, onChange }: FiltersProps) {
  const { data: facets } = useRequest(
    async (signal) => (query.collection === '' ? undefined : getFacets(query.collection, signal)),
    [query.collection],
  );
  const isEveryBookListed = facets === undefined || facets.books_total <= facets.books.length;
  return (
    <div class="filters">
      <Choice
        label="Collection"
        value={query.collection}
        options={collections.map(({ name, panels }) => ({ value: name, panels }))}
        onChange={(collection) => onChange({ collection, book: '', pageType: '', positive: [], negative: [] })}
      />
      {isEveryBookListed ? (
        <Choice
          label="Book"
          value={query.book}
          any="All books"
          options={facets?.books ?? []}
          onChange={(book) => onChange({ book })}
        />
      ) : (
        <label>
          Book
          <input
            type="text"
            list="books"
            placeholder={`All ${facets.books_total} books`}
            defaultValue={query.book}
            onChange={(event) => onChange({ book: event.currentTarget.value.trim() })}
          />
          <datalist id="books">
            {facets.books.map(({ value }) => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </label>
      )}
      <Choice
        label="Page type"
        value={query.pageType}
        any="All pages"
        options={facets?.page_types ?? []}
        onChange={(pageType) => onChange({ pageType })}
      />
      <label>
        Words
        <select
          value={query.hasText}
          onChange={(event) => onChange({ hasText: event.currentTarget.value as SearchQuery['hasText'] })}
        >
          <option value="">With or without</option>
          <option value="yes">With words</option>
          <option value="no">Without words</option>
        </select>
      </label>
      <label>
        Show
        <select
          value={query.level}
          onChange={(event) => onChange({ level: event.currentTarget.value as SearchQuery['level'] })}
        >
          <option value="panel">Panels</option>
          <option value="page">Pages</option>
        </select>
      </label>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  /** The choice of all; there is none where one must be chosen */
  readonly any?: string;
  readonly options: readonly { readonly value: string; readonly panels: number }[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, any, options, onChange }: ChoiceProps) {
  // The address may name what is no option; it is shown, so that it can be taken away.
  const isListed = value === '' || options.some((option) => option.value === value);
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {any !== undefined && <option value="">{any}</option>}
        {!isListed && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.value} ({option.panels})
          </option>
        ))}
      </select>
    </label>
  );
}
