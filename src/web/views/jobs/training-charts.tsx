import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { type Chart, historyCharts } from '../../../training-report/history-charts.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { useTrainingHistory } from './use-training-history.ts';

/** The losses and the measures of a training, while it runs and after it. */
export function TrainingCharts({ job }: { readonly job: JobResponse }) {
  const { series, error } = useTrainingHistory(job);
  const [LineChart, setLineChart] = useState<ComponentType<{ readonly chart: Chart }>>();
  useEffect(() => {
    import('./line-chart.tsx').then(
      (module) => setLineChart(() => module.LineChart),
      () => {},
    );
  }, []);
  if (error !== undefined) return <ErrorMessage error={error} />;
  if (series === undefined || LineChart === undefined) return null;
  return (
    <section>
      <h2>Curves</h2>
      <div class="charts">
        {historyCharts(series).map((chart) => (
          <LineChart key={`${chart.title} ${chart.lines.map(({ name }) => name).join()}`} chart={chart} />
        ))}
      </div>
    </section>
  );
}
