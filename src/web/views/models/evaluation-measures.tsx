import { formatNumber } from '../../../report/format-number.ts';
import type { Model } from '../../api/models.ts';
import { routeHref } from '../../app/route.ts';

/** What evaluate jobs measured of a model, the newest first. Those with an equal fingerprint compare. */
export function EvaluationMeasures({ measures }: Pick<Model, 'measures'>) {
  if (measures.length === 0) return null;
  return (
    <details class="evaluations">
      <summary>Evaluations ({measures.length})</summary>
      {measures.map(({ evaluation, fingerprint, measures: byName }) => (
        <section key={evaluation}>
          <h3>
            Evaluation <a href={routeHref('jobs', [evaluation])}>{evaluation.slice(0, 8)}</a>{' '}
            {fingerprint !== null && (
              <small>
                fingerprint <code>{fingerprint.slice(0, 12)}</code>
              </small>
            )}
          </h3>
          <dl class="model-facts">
            {Object.entries(byName).map(([name, measure]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  {'left_out' in measure ? (
                    <small>not measured: {measure.left_out}</small>
                  ) : (
                    `${formatNumber(measure.value, 3)} [${formatNumber(measure.low, 3)}, ${formatNumber(measure.high, 3)}]`
                  )}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </details>
  );
}
