import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { postJson } from '../../api/client.ts';
import { ConfirmButton } from '../../components/confirm-button.tsx';

/** Cancels a job, once that is confirmed. */
export function CancelJob({ job }: { readonly job: JobResponse }) {
  const cancel = async () => {
    await postJson(`/v1/jobs/${job.id}/cancel`, {});
  };
  return (
    <ConfirmButton
      label="Cancel the job"
      title={`Cancel ${job.type} ${String(job.spec['output'])}?`}
      keepLabel="Let it run"
      onConfirm={cancel}
    >
      <p>What is finished is kept: the same spec, submitted again, goes on from there.</p>
    </ConfirmButton>
  );
}
