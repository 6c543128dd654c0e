import type { Claim, Comparison, ContenderKind } from './evaluation-result.ts';
import { HEADLINE_MEASURES } from './headline-measures.ts';
import { compareStatistics } from './measures/comparison.ts';
import type { MeasuredContender } from './measures/measure-contender.ts';
import type { MeasuredPanels } from './measures/measured-panels.ts';
import { isLeftOut } from './measures/statistic.ts';

/** A contender with what comparisons need of it. */
export interface ComparedContender {
  readonly name: string;
  readonly kind: ContenderKind;
  readonly statistics: MeasuredContender['statistics'];
}

const isOurs = ({ kind }: ComparedContender) => kind === 'model' || kind === 'training';

/** Compares each model and recipe to each baseline, and to the first of their own. */
export function compareContenders(panels: MeasuredPanels, contenders: readonly ComparedContender[]): Comparison[] {
  const ours = contenders.filter(isOurs);
  const opponents = [...contenders.filter((contender) => !isOurs(contender)), ...ours.slice(0, 1)];
  return ours.flatMap((contender) =>
    opponents
      .filter((opponent) => opponent !== contender)
      .flatMap((opponent) => compareTwo(panels, contender, opponent)),
  );
}

function compareTwo(panels: MeasuredPanels, contender: ComparedContender, baseline: ComparedContender): Comparison[] {
  return HEADLINE_MEASURES.flatMap(({ name, better }) => {
    const [statistic, other] = [contender.statistics.get(name), baseline.statistics.get(name)];
    if (statistic === undefined || other === undefined) return [];
    const comparison = compareStatistics(panels, statistic, other, better === 'lower');
    // What one of the two lacks is told where it was left out.
    if (isLeftOut(comparison)) return [];
    return [{ measure: name, contender: contender.name, baseline: baseline.name, ...comparison }];
  });
}

/** What the project set out to reach over its first version, as shares of the first version's number. */
const CLAIMS: readonly Pick<Claim, 'claim' | 'measure' | 'claimed'>[] = [
  { claim: 'image-only queries', measure: 'retrieval.snapshot_to_stored.recall_at_1', claimed: 0.3 },
  { claim: 'image-only queries', measure: 'retrieval.picture_to_stored.recall_at_1', claimed: 0.3 },
  { claim: 'semantic clustering', measure: 'clustering.stored.books.nmi.book', claimed: 0.2 },
];

/** The claims beside what was measured; empty if the first version is no contender. */
export function checkClaims(contenders: readonly ComparedContender[], comparisons: readonly Comparison[]): Claim[] {
  const firstVersion = contenders.find(({ kind }) => kind === 'v1');
  if (firstVersion === undefined) return [];
  return contenders.filter(isOurs).flatMap(({ name: contender }) =>
    CLAIMS.map(({ claim, measure, claimed }): Claim => {
      const comparison = comparisons.find(
        (other) => other.measure === measure && other.contender === contender && other.baseline === firstVersion.name,
      );
      return {
        claim,
        measure,
        contender,
        baseline: firstVersion.name,
        claimed,
        measured: comparison?.relative ?? null,
        left_out: describeGap(comparison),
      };
    }),
  );
}

function describeGap(comparison: Comparison | undefined): string | null {
  if (comparison === undefined) return 'one of the two was not measured';
  return comparison.relative === null ? 'the number of the first version is not positive' : null;
}
