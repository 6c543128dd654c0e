import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError } from '../api/api-error.ts';
import { Dialog } from './dialog.tsx';
import { ErrorMessage } from './error-message.tsx';

interface ConfirmButtonProps {
  readonly label: string;
  readonly title: string;
  /** Of the button that does nothing */
  readonly keepLabel?: string;
  /** What happens */
  readonly children: ComponentChildren;
  /** `force` is true once somebody has read why the service wants to be told so. */
  readonly onConfirm: (force: boolean) => Promise<void>;
}

/** A button that acts once its dialog is confirmed. A refusal is shown there; one that can be forced offers to do so. */
export function ConfirmButton({
  label,
  title,
  keepLabel = 'Leave it as it is',
  children,
  onConfirm,
}: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const needsForce = error instanceof ApiError && error.code === 'force_required';
  const open = () => {
    setError(undefined);
    setAsking(true);
  };
  const confirm = async () => {
    setSending(true);
    setError(undefined);
    try {
      await onConfirm(needsForce);
      setAsking(false);
    } catch (cause) {
      setError(cause);
    } finally {
      setSending(false);
    }
  };
  return (
    <>
      <button type="button" class="secondary outline" onClick={open}>
        {label}
      </button>
      {isAsking && (
        <Dialog title={title} onClose={() => setAsking(false)}>
          {children}
          {error !== undefined && <ErrorMessage error={error} />}
          <div class="dialog-buttons">
            <button type="button" aria-busy={isSending} disabled={isSending} onClick={confirm}>
              {needsForce ? `${label} nevertheless` : label}
            </button>
            <button type="button" class="secondary outline" onClick={() => setAsking(false)}>
              {keepLabel}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
