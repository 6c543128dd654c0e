import type { ContenderResult, FailureCheck, LeakageMeasures, Measure } from './evaluation-result.ts';

/** The mean cosine of any two pictures from which on the original's tool calls a collapse moderate. */
const MIN_ALIKE_COSINE = 0.8;
/** The share of the variance of a layout from which on a vector counts as one of the layout. */
const MIN_LAYOUT_R2 = 0.5;

/**
 * Whether the first version shows the two failures that it is known for: vectors of pictures alone that are all alike, and
 * vectors that follow the layout of the page rather than its content. Empty if the first version is no contender.
 */
export function checkFirstVersion(contenders: readonly ContenderResult[]): FailureCheck[] {
  const firstVersion = contenders.find(({ kind }) => kind === 'v1');
  if (firstVersion === undefined) return [];
  const ours = contenders.find(({ kind }) => kind === 'training' || kind === 'model');
  return [checkPictures(firstVersion, ours), checkLayout(firstVersion, ours)];
}

function checkPictures(firstVersion: ContenderResult, ours: ContenderResult | undefined): FailureCheck {
  const failure = 'pictures_alike';
  const cosine = pictureCosine(firstVersion);
  if ('left_out' in cosine) return notMeasured(failure, 'The vectors of pictures alone', cosine.left_out);
  const isShown = cosine.value >= MIN_ALIKE_COSINE;
  const verdict = isShown ? 'are all alike' : 'are not all alike';
  const beside = ours && describe(pictureCosine(ours), (value) => `; with ${ours.name} it is ${value}`);
  const statement = `The vectors of pictures alone ${verdict}: the mean cosine of any two is ${cosine.value.toFixed(2)} (alike from ${MIN_ALIKE_COSINE.toFixed(2)} on)${beside ?? ''}.`;
  return { failure, is_shown: isShown, statement };
}

function pictureCosine({ collapse: { picture } }: ContenderResult): Measure {
  return 'left_out' in picture ? picture : picture.all_pairs;
}

function checkLayout(firstVersion: ContenderResult, ours: ContenderResult | undefined): FailureCheck {
  const failure = 'layout_clusters';
  const r2 = layoutR2(firstVersion, 'stored');
  if ('left_out' in r2) return notMeasured(failure, 'Whether stored vectors follow the layout', r2.left_out);
  const isShown = r2.value >= MIN_LAYOUT_R2;
  const verdict = isShown ? 'follow the layout' : 'do not follow the layout';
  const pictures = describe(layoutR2(firstVersion, 'picture'), (value) => `, ${value} from vectors of pictures alone`);
  const beside =
    ours && describe(layoutR2(ours, 'stored'), (value) => `; with ${ours.name} it is ${value} from stored vectors`);
  const statement = `Stored vectors ${verdict}: the mean R2 of aspect and area is ${r2.value.toFixed(2)} (of the layout from ${MIN_LAYOUT_R2.toFixed(2)} on)${pictures ?? ''}${beside ?? ''}.`;
  return { failure, is_shown: isShown, statement };
}

/** The mean of aspect and area: the number of panels is a matter of the page. */
function layoutR2({ leakage }: ContenderResult, view: 'stored' | 'picture'): { value: number } | { left_out: string } {
  const measures: LeakageMeasures | { left_out: string } = leakage[view];
  if ('left_out' in measures) return measures;
  const { aspect, area } = measures;
  if ('left_out' in aspect) return aspect;
  return 'left_out' in area ? area : { value: (aspect.value + area.value) / 2 };
}

function describe(measure: { value: number } | { left_out: string }, format: (value: string) => string) {
  return 'left_out' in measure ? undefined : format(measure.value.toFixed(2));
}

function notMeasured(failure: FailureCheck['failure'], subject: string, reason: string): FailureCheck {
  return { failure, is_shown: null, statement: `${subject} could not be measured: ${reason}.` };
}
