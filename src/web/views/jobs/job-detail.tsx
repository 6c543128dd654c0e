import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { formatNumber } from '../../../report/format-number.ts';
import { toWords } from '../../components/format-values.ts';

/** The numbers of the moment of a job. */
export function JobDetail({ detail }: { readonly detail: NonNullable<JobResponse['progress']['detail']> }) {
  return (
    <section>
      <h2>The last numbers</h2>
      <dl class="numbers">
        {Object.entries(detail).map(([name, value]) => (
          <div key={name}>
            <dt>{toWords(name)}</dt>
            <dd>{value === null ? 'not finite' : formatNumber(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
