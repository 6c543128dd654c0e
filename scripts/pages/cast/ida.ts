import { flat, INK, inked, limb, stroke } from '../ink.ts';
import { circle, d, type Placing, type Point, path, place } from '../svg.ts';
import { COAT, idaHead, type Mood, SKIN } from './ida-head.ts';

const BOOTS = '#a8372f';
const TROUSERS = '#34406b';

/** Where her hands and feet are: first the far ones, which the coat covers. */
export interface Pose {
  readonly hands: readonly [Point, Point];
  readonly feet: readonly [Point, Point];
  /** Degrees forward */
  readonly lean?: number;
}

export const STANDS: Pose = {
  hands: [
    [40, -74],
    [-38, -70],
  ],
  feet: [
    [16, 0],
    [-18, 0],
  ],
};

export const RUNS: Pose = {
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

export const REACHES: Pose = {
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

/** Ida, 220 high, facing right. The ground under her is the origin. */
export function ida(x: number, y: number, placing: Placing, { hands, feet, lean = 0 }: Pose, mood: Mood): string {
  const [farHand, nearHand] = hands;
  const [farFoot, nearFoot] = feet;
  const coat =
    path('M-28 -122Q-46 -80 -48 -40Q0 -28 50 -40Q44 -84 28 -122Z', inked(COAT)) +
    path('M20 -118Q34 -80 40 -38L50 -40Q44 -84 28 -122Z', flat('#cf9320')) +
    path('M6 -118L8 -36', stroke(INK, 3)) +
    [-100, -80, -60].map((up) => circle(16, up, 3.6, flat('#7d5410'))).join('');
  const leaning = (part: string) => place(0, -60, { turn: lean }, place(0, 60, {}, part));
  return place(
    x,
    y,
    placing,
    leg(12, farFoot),
    leg(-12, nearFoot),
    arm(20, farHand),
    leaning(coat),
    arm(-14 + lean, nearHand),
    // The head comes last: an arm that reaches up would hide the face.
    leaning(place(2, -152, {}, idaHead(mood))),
  );
}

function leg(hip: number, [x, y]: Point): string {
  const knee: Point = [(hip + x) / 2 + 10, (-46 + y) / 2];
  return (
    limb(d`M${hip} -48Q${knee[0]} ${knee[1]} ${x} ${y - 16}`, TROUSERS, 15) +
    path(d`M${x - 11} ${y - 24}h21v12q12 0 14 12h-36Z`, inked(BOOTS))
  );
}

function arm(shoulder: number, [x, y]: Point): string {
  const elbow: Point = [(shoulder + x) / 2 - 6, (-108 + y) / 2 + 16];
  return limb(d`M${shoulder} -108Q${elbow[0]} ${elbow[1]} ${x} ${y}`, COAT, 17) + circle(x, y, 10, inked(SKIN));
}

/** Ida sits with her back to the reader. */
export function idaFromBehind(x: number, y: number, placing: Placing): string {
  return place(
    x,
    y,
    placing,
    path('M-34 -104Q-58 -50 -52 0H52Q58 -50 34 -104Z', inked(COAT)),
    path('M-36 -70Q-40 -30 -34 0M36 -70Q40 -30 34 0', stroke('#c98e1d', 4)),
    path('M-32 -120Q-34 -92 -22 -88H22Q34 -92 32 -120Z', inked('#5b2c22')),
    path('M-38 -126Q-38 -174 0 -174Q38 -174 38 -126Z', inked(COAT)),
    path('M-56 -114Q0 -144 56 -114Q0 -98 -56 -114Z', inked(COAT)),
  );
}
