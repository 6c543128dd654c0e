import type { ModelCardResponse } from '../../../http/routes/service/model-card-route.ts';
import { getJson } from '../../api/client.ts';
import { useRequest } from '../../api/use-request.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { Loading } from '../../components/loading.tsx';
import { MeasureTable } from './measure-table.tsx';

/** What was measured of a model, and the text of its card. */
export function ModelCard({ id }: { readonly id: string }) {
  const { data: card, error } = useRequest(
    (signal) => getJson<ModelCardResponse>(`/v1/models/${encodeURIComponent(id)}/card`, { signal }),
    [id],
  );
  if (error !== undefined) return <ErrorMessage error={error} />;
  if (card === undefined) return <Loading label="The card is loading" />;
  return (
    <>
      {card.tables.length === 0 && <p class="muted">Its card has no measures.</p>}
      {card.tables.map((table) => (
        <MeasureTable key={table.title} table={table} />
      ))}
      {card.text !== null && (
        <details>
          <summary>The whole card</summary>
          <pre class="card-text">{card.text}</pre>
        </details>
      )}
    </>
  );
}
