import { useId, useState } from 'preact/hooks';
import { enterKey } from '../api/access.ts';
import { type AccessState, lockAccess } from '../api/access-store.ts';
import { Dialog } from '../components/dialog.tsx';
import { ErrorMessage } from '../components/error-message.tsx';

/** Asks for a key, and takes it into use once the service has taken it. */
export function KeyDialog({ access: { key, refusal } }: { readonly access: AccessState }) {
  const [text, setText] = useState('');
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const hintId = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    setSending(true);
    setError(undefined);
    try {
      await enterKey(text);
    } catch (cause) {
      setError(cause);
      setSending(false);
    }
  };
  return (
    <Dialog title="This service asks for an API key" onClose={lockAccess}>
      <form onSubmit={submit}>
        {error === undefined && refusal !== undefined && key !== undefined && (
          <p>The key of this tab is not taken any more: {refusal.message}.</p>
        )}
        <label>
          API key
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
            autofocus
            aria-describedby={hintId}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <p>
          <small id={hintId}>
            Whoever runs the service makes one: <code>panelvec keys create</code>. It is kept until you close this tab
            or forget it.
          </small>
        </p>
        {error !== undefined && <ErrorMessage error={error} />}
        <div class="dialog-buttons">
          <button type="submit" aria-busy={isSending} disabled={isSending}>
            Use this key
          </button>
        </div>
      </form>
    </Dialog>
  );
}
