import { circle, ellipse, path } from '../svg.ts';
import { filled, INK, outlined, stroke } from '../svg-styles.ts';

export const FUR = '#e5812f';
export const STRIPE = '#a44d18';
export const WHITE = '#fff6e6';

export type CatMood = 'awake' | 'startled' | 'asleep';

/** Biscuit's head, 80 wide, around the origin. */
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
