import { inked, limb } from '../ink.ts';
import { circle, place } from '../svg.ts';

const GOLD = '#f5c33b';

/** The key of the lamp, 90 long, hanging down from its ring, which is the origin. */
export function lampKey(x: number, y: number, scale: number, turn = 0): string {
  return place(
    x,
    y,
    { scale, turn },
    limb('M0 16V80M0 78H20M0 60H16', GOLD, 8, 7),
    circle(0, 0, 18, inked(GOLD, 5)),
    circle(0, 0, 8, inked('#2b3357', 4)),
  );
}
