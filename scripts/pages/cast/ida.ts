import {
  circle,
  filled,
  group,
  INK,
  outlined,
  type Point,
  path,
  pathData,
  stroke,
  type Transform,
  thickLine,
} from '../svg.ts';
import { COAT, type IdaMood, idaHead, SKIN } from './ida-head.ts';

const BOOTS = '#a8372f';
const TROUSERS = '#34406b';

/** Positions of hands and feet, each with the far one first, which the coat covers. */
export interface Pose {
  readonly hands: readonly [Point, Point];
  readonly feet: readonly [Point, Point];
  /** Degrees forward */
  readonly lean?: number;
}

export const STANDING: Pose = {
  hands: [
    [40, -74],
    [-38, -70],
  ],
  feet: [
    [16, 0],
    [-18, 0],
  ],
};

export const RUNNING: Pose = {
  hands: [
    [66, -112],
    [-54, -92],
  ],
  feet: [
    [56, -22],
    [-62, -14],
  ],
  lean: 12,
};

export const REACHING: Pose = {
  hands: [
    [72, -168],
    [86, -132],
  ],
  feet: [
    [26, -4],
    [-74, -16],
  ],
  lean: 16,
};

/** Draws Ida, 220 high, facing right. The ground under her is the origin. */
export function ida(
  x: number,
  y: number,
  transform: Transform,
  { hands, feet, lean = 0 }: Pose,
  mood: IdaMood,
): string {
  const [farHand, nearHand] = hands;
  const [farFoot, nearFoot] = feet;
  const coat =
    path('M-28 -122Q-46 -80 -48 -40Q0 -28 50 -40Q44 -84 28 -122Z', outlined(COAT)) +
    path('M20 -118Q34 -80 40 -38L50 -40Q44 -84 28 -122Z', filled('#cf9320')) +
    path('M6 -118L8 -36', stroke(INK, 3)) +
    [-100, -80, -60].map((up) => circle(16, up, 3.6, filled('#7d5410'))).join('');
  const withLean = (part: string) => group(0, -60, { rotation: lean }, group(0, 60, {}, part));
  return group(
    x,
    y,
    transform,
    leg(12, farFoot),
    leg(-12, nearFoot),
    arm(20, farHand),
    withLean(coat),
    arm(-14 + lean, nearHand),
    // The head comes last: an arm that reaches up would hide the face.
    withLean(group(2, -152, {}, idaHead(mood))),
  );
}

function leg(hip: number, [x, y]: Point): string {
  const knee: Point = [(hip + x) / 2 + 10, (-46 + y) / 2];
  return (
    thickLine(pathData`M${hip} -48Q${knee[0]} ${knee[1]} ${x} ${y - 16}`, TROUSERS, 15) +
    path(pathData`M${x - 11} ${y - 24}h21v12q12 0 14 12h-36Z`, outlined(BOOTS))
  );
}

function arm(shoulder: number, [x, y]: Point): string {
  const elbow: Point = [(shoulder + x) / 2 - 6, (-108 + y) / 2 + 16];
  return (
    thickLine(pathData`M${shoulder} -108Q${elbow[0]} ${elbow[1]} ${x} ${y}`, COAT, 17) +
    circle(x, y, 10, outlined(SKIN))
  );
}

/** Draws Ida sitting with her back to the reader. */
export function idaFromBehind(x: number, y: number, transform: Transform): string {
  return group(
    x,
    y,
    transform,
    path('M-34 -104Q-58 -50 -52 0H52Q58 -50 34 -104Z', outlined(COAT)),
    path('M-36 -70Q-40 -30 -34 0M36 -70Q40 -30 34 0', stroke('#c98e1d', 4)),
    path('M-32 -120Q-34 -92 -22 -88H22Q34 -92 32 -120Z', outlined('#5b2c22')),
    path('M-38 -126Q-38 -174 0 -174Q38 -174 38 -126Z', outlined(COAT)),
    path('M-56 -114Q0 -144 56 -114Q0 -98 -56 -114Z', outlined(COAT)),
  );
}
