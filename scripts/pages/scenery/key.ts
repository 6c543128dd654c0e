import { circle, group } from '../svg.ts';
import { outlined, thickLine } from '../svg-styles.ts';

const GOLD = '#f5c33b';

/** The key of the lamp, 90 long, hanging down from its ring, which is the origin. */
export function lampKey(x: number, y: number, scale: number, rotation = 0): string {
  return group(
    x,
    y,
    { scale, rotation },
    thickLine('M0 16V80M0 78H20M0 60H16', GOLD, 8, 7),
    circle(0, 0, 18, outlined(GOLD, 5)),
    circle(0, 0, 8, outlined('#2b3357', 4)),
  );
}
