import { type Alias, rollBack } from '../../api/models.ts';
import { useIsAllowed } from '../../api/use-access.ts';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { Time } from '../../components/time.tsx';

interface AliasTableProps {
  readonly aliases: readonly Alias[];
  readonly onChange: () => void;
}

/** What each alias means, and the way back. */
export function AliasTable({ aliases, onChange }: AliasTableProps) {
  const mayChange = useIsAllowed('admin');
  return (
    <section class="aliases">
      <h2>In service</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section class="table-scroll" tabIndex={0} aria-label="Aliases">
        <table>
          <thead>
            <tr>
              <th scope="col">Alias</th>
              <th scope="col">Model</th>
              <th scope="col">Canary</th>
              <th scope="col">Before</th>
              {mayChange && <th scope="col">Change</th>}
            </tr>
          </thead>
          <tbody>
            {aliases.map((alias) => (
              <tr key={alias.alias}>
                <th scope="row">{alias.alias}</th>
                <td>
                  {alias.model}
                  <small>
                    {alias.changed_at === null ? (
                      ' by the settings'
                    ) : (
                      <>
                        {' '}
                        since <Time value={alias.changed_at} />
                      </>
                    )}
                  </small>
                  {alias.problem !== null && <p class="alias-problem">{alias.problem}</p>}
                </td>
                <td>
                  <CanaryCell alias={alias} />
                </td>
                <td>
                  {alias.previous ?? '–'}
                  {alias.previous_warm && <small> still loaded</small>}
                </td>
                {mayChange && (
                  <td>
                    <TakeBack alias={alias} onChange={onChange} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function CanaryCell({ alias: { canary, last_canary: last } }: { readonly alias: Alias }) {
  if (canary !== null) {
    return (
      <>
        {canary.model} <small>gets {Math.round(canary.share * 1000) / 10} % of the requests</small>
      </>
    );
  }
  if (last === null) return <>–</>;
  return (
    <small>
      {last.model} ended <Time value={last.ended_at} />: {last.reason}
    </small>
  );
}

function TakeBack({
  alias: { alias, model, previous, canary },
  onChange,
}: {
  readonly alias: Alias;
  readonly onChange: () => void;
}) {
  if (canary === null && previous === null) return null;
  const confirm = async () => {
    await rollBack(alias);
    onChange();
  };
  return (
    <ConfirmButton label="Take back" title={`Take back ${canary?.model ?? model}?`} onConfirm={confirm}>
      {canary !== null ? (
        <p>
          The canary ends: all requests for <code>{alias}</code> get {model} again.
        </p>
      ) : (
        <p>
          Requests for <code>{alias}</code> get {previous} again in place of {model}. Requests that are being answered
          end with {model}.
        </p>
      )}
    </ConfirmButton>
  );
}
