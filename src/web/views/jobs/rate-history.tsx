import { useEffect, useState } from 'preact/hooks';
import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { formatNumber } from '../../../report/format-number.ts';
import { Sparkline } from '../../components/sparkline.tsx';

const MAX_RATES = 300;

/** How the rate of a job has changed while somebody watched. */
export function RateHistory({ progress }: { readonly progress: JobResponse['progress'] }) {
  const [rates, setRates] = useState<readonly number[]>([]);
  useEffect(() => setRates((last) => [...last, progress.rate].slice(-MAX_RATES)), [progress]);
  if (rates.length < 2) return null;
  const highest = formatNumber(Math.max(...rates), 3);
  return (
    <figure class="rate-history">
      <Sparkline label={`Pages per second since you watch, at most ${highest}`} values={rates} />
      <figcaption>Pages per second since you watch, at most {highest}</figcaption>
    </figure>
  );
}
