import { circle, ellipse, filled, group, INK, outlined, path, stroke, type Transform, thickLine } from '../svg.ts';

export const FUR = '#e5812f';
export const STRIPE = '#a44d18';
const WHITE = '#fff6e6';

export type CatMood = 'awake' | 'startled' | 'asleep';

/** Draws Biscuit sitting, 150 high, facing the reader. The floor is the origin. */
export function sittingCat(x: number, y: number, transform: Transform, mood: CatMood = 'awake'): string {
  return group(
    x,
    y,
    transform,
    thickLine('M30 -12Q86 -6 72 -50Q64 -74 82 -86', FUR, 15),
    path('M79 -76L83 -87', stroke(STRIPE, 15)),
    path('M-40 0Q-52 -62 -16 -88H16Q52 -62 40 0Z', outlined(FUR)),
    path('M-42 -30L-26 -34M-40 -46L-26 -46M42 -30L26 -34M40 -46L26 -46', stroke(STRIPE, 5)),
    ellipse(0, -56, 17, 27, filled(WHITE)),
    path('M-12 -38V-4M12 -38V-4', stroke(INK, 3.5)),
    ellipse(-16, -4, 15, 8, outlined(WHITE, 3.5)),
    ellipse(16, -4, 15, 8, outlined(WHITE, 3.5)),
    group(0, -106, {}, catHead(mood)),
  );
}

/** Draws Biscuit at full stretch, 200 long. The middle of the body is the origin. */
export function runningCat(x: number, y: number, transform: Transform, mood: CatMood = 'awake'): string {
  return group(
    x,
    y,
    transform,
    thickLine('M-62 -6Q-100 -30 -118 -8Q-126 4 -138 -6', FUR, 14),
    thickLine('M46 10Q80 26 96 40', FUR, 15),
    thickLine('M-50 12Q-84 24 -94 46', FUR, 15),
    path('M-76 4Q-72 -34 0 -30Q60 -34 74 -4Q70 26 10 24Q-70 34 -76 4Z', outlined(FUR)),
    path('M-40 -28V-8M-18 -30V-10M6 -30V-10', stroke(STRIPE, 6)),
    thickLine('M60 10Q96 14 116 22', FUR, 15),
    thickLine('M-58 14Q-70 40 -108 40', FUR, 15),
    ellipse(118, 22, 11, 9, outlined(WHITE, 3.5)),
    ellipse(-110, 40, 11, 9, outlined(WHITE, 3.5)),
    group(78, -26, { scale: 0.86 }, catHead(mood)),
  );
}

/** Draws Biscuit from behind, looking at something far away. */
export function catFromBehind(x: number, y: number, transform: Transform): string {
  return group(
    x,
    y,
    transform,
    thickLine('M-30 -8Q-80 0 -78 -34', FUR, 14),
    path('M-40 0Q-50 -62 -16 -88H16Q50 -62 40 0Z', outlined(FUR)),
    path('M0 -84V-30M-24 -60Q0 -50 24 -60M-30 -40Q0 -28 30 -40', stroke(STRIPE, 5)),
    path('M-34 -112L-32 -142L-10 -128M34 -112L32 -142L10 -128', outlined(FUR)),
    ellipse(0, -104, 37, 30, outlined(FUR)),
    path('M0 -132V-112M-14 -130L-11 -114M14 -130L11 -114', stroke(STRIPE, 5)),
  );
}

/** Draws Biscuit's head, 80 wide, around the origin. */
export function catHead(mood: CatMood): string {
  return [
    path('M-36 -10L-34 -46L-10 -28Z', outlined(FUR)),
    path('M36 -10L34 -46L10 -28Z', outlined(FUR)),
    path('M-30 -18L-29 -36L-17 -27Z', filled('#f3b0a0')),
    path('M30 -18L29 -36L17 -27Z', filled('#f3b0a0')),
    ellipse(0, 0, 40, 33, outlined(FUR)),
    path('M0 -31V-18M-12 -29L-9 -18M12 -29L9 -18M-38 2H-26M38 2H26M-36 12L-26 10M36 12L26 10', stroke(STRIPE, 4.5)),
    ellipse(0, 15, 17, 13, filled(WHITE)),
    eyes(mood),
    path('M-5 7H5L0 13Z', outlined('#e0706a', 2)),
    mood === 'startled'
      ? ellipse(0, 21, 5, 6, outlined('#8d2f36', 3))
      : path('M0 13V17Q-6 23 -11 18M0 17Q6 23 11 18', stroke(INK, 2.5)),
    path('M-18 14L-52 8M-18 18L-50 22M18 14L52 8M18 18L50 22', stroke('#fff6e6', 2)),
  ].join('');
}

function eyes(mood: CatMood): string {
  if (mood === 'asleep') return path('M-24 -2Q-16 6 -8 -2M8 -2Q16 6 24 -2', stroke(INK, 3.5));
  const wide = mood === 'startled';
  return [-16, 16]
    .map(
      (x) =>
        ellipse(x, -3, wide ? 11 : 9, wide ? 12 : 9, outlined('#d8e86a', 3)) +
        ellipse(x, -3, wide ? 3 : 4, wide ? 5 : 8, filled(INK)) +
        circle(x + 2, -6, 1.8, filled('#ffffff')),
    )
    .join('');
}
