import { Fragment } from 'preact';
import type { Collection } from '../../api/collections.ts';
import { CollectionFaces } from './collection-faces.tsx';
import { queryHref, type SearchQuery } from './search-query.ts';

const EXAMPLES = ['a cat', 'the sea at night', 'somebody runs away', 'a surprised face'];

/** A collection whose model is not served: its panels can be looked at, not searched. */
export function CollectionNotSearchable({ collection }: { readonly collection: Collection }) {
  return (
    <p class="message message-note" role="status">
      The collection {collection.name} was made by <strong>{collection.model}</strong>, which this service does not
      serve. Words and pictures find nothing in it until the service serves that model (PANELVEC_MODELS), or the
      collection is made again.
    </p>
  );
}

interface StartHintProps {
  readonly query: SearchQuery;
  readonly collection: Collection | undefined;
}

/** Before the first search. */
export function StartHint({ query, collection }: StartHintProps) {
  return (
    <>
      <div class="start-hint">
        <p>
          Type words, drop or paste a picture, or both
          {collection &&
            `: ${collection.panels.toLocaleString('en')} panels on ${collection.pages.toLocaleString('en')} pages`}
          .
        </p>
        <p>
          Try{' '}
          {EXAMPLES.map((text, i) => (
            <Fragment key={text}>
              {i > 0 && ' · '}
              <a href={queryHref({ ...query, text })}>{text}</a>
            </Fragment>
          ))}
        </p>
      </div>
      {collection && <CollectionFaces query={query} collection={collection} />}
    </>
  );
}
