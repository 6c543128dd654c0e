import { useState } from 'preact/hooks';
import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { postJson } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorMessage } from '../../components/error-message.tsx';

/** Cancels a job, once that is confirmed. */
export function CancelJob({ job }: { readonly job: JobResponse }) {
  const [isAsking, setAsking] = useState(false);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const cancel = async () => {
    setSending(true);
    setError(undefined);
    try {
      await postJson(`/v1/jobs/${job.id}/cancel`, {});
      setAsking(false);
    } catch (cause) {
      setError(cause);
    } finally {
      setSending(false);
    }
  };
  return (
    <>
      <button type="button" class="secondary outline" onClick={() => setAsking(true)}>
        Cancel the job
      </button>
      {isAsking && (
        <Dialog title={`Cancel ${job.type} ${String(job.spec['output'])}?`} onClose={() => setAsking(false)}>
          <p>What is finished is kept: the same spec, submitted again, goes on from there.</p>
          {error !== undefined && <ErrorMessage error={error} />}
          <div class="dialog-buttons">
            <button type="button" aria-busy={isSending} disabled={isSending} onClick={cancel}>
              Cancel the job
            </button>
            <button type="button" class="secondary outline" onClick={() => setAsking(false)}>
              Let it run
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
