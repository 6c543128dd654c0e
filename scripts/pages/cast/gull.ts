import { lampKey } from '../scenery/lighthouse.ts';
import { circle, ellipse, filled, group, INK, outlined, path, stroke, type Transform } from '../svg.ts';

const FEATHERS = '#f8f7f2';
const WING = '#9aa5b8';
const BEAK = '#f39a25';

export interface GullOptions extends Transform {
  readonly key?: boolean;
}

/** Draws the gull standing, 130 high, facing right. Its feet are the origin. */
export function standingGull(x: number, y: number, { key = false, ...transform }: GullOptions): string {
  return group(
    x,
    y,
    transform,
    path('M-8 -30V0M10 -30V0M-8 0L4 2M10 0L22 2M-8 0L-16 2', stroke(BEAK, 6)),
    path('M-92 -34L-40 -66L-30 -40Z', outlined('#2b2f46')),
    path('M-60 -40Q-30 -84 20 -86L36 -100Q58 -84 50 -58Q40 -22 0 -22Q-40 -22 -60 -40Z', outlined(FEATHERS)),
    path('M-72 -38Q-30 -78 14 -68Q20 -34 -20 -34Q-44 -32 -72 -38Z', outlined(WING)),
    key ? lampKey(84, -96, 0.62, -8) : '',
    gullHead(38, -106),
  );
}

/** Draws the gull in the air, 240 from tip to tip. */
export function flyingGull(x: number, y: number, { key = false, ...transform }: GullOptions): string {
  return group(
    x,
    y,
    transform,
    path('M10 -8Q-20 -96 -84 -104Q-60 -60 -34 -2Z', outlined(WING)),
    path('M-84 -104Q-76 -84 -62 -72L-58 -96Z', filled(INK)),
    path('M-58 4L-104 -6L-96 16Z', outlined('#2b2f46')),
    path('M-64 6Q-30 -24 30 -22Q66 -18 62 0Q40 28 -10 24Q-44 22 -64 6Z', outlined(FEATHERS)),
    path('M18 -4Q20 -92 74 -128Q88 -60 -14 8Z', outlined(WING)),
    path('M74 -128Q78 -112 75 -98L50 -104Z', filled(INK)),
    key ? lampKey(110, -4, 0.7, 14) : '',
    gullHead(62, -16),
  );
}

function gullHead(x: number, y: number): string {
  return group(
    x,
    y,
    {},
    circle(0, 0, 24, outlined(FEATHERS)),
    path('M18 -8Q44 -8 54 6Q50 14 42 10Q30 8 19 8Z', outlined(BEAK)),
    path('M20 2L44 5', stroke(INK, 2.5)),
    ellipse(6, -6, 5, 6, filled(INK)),
    path('M-4 -17L14 -12', stroke(INK, 4)),
  );
}
