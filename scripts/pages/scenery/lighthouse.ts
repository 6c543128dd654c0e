import { circle, ellipse, filled, group, INK, outlined, path, polygon, rect, stroke, thickLine } from '../svg.ts';

const GOLD = '#f5c33b';

export interface LighthouseOptions {
  readonly lit: boolean;
  readonly scale: number;
  /** Color of the stripes */
  readonly paint?: string;
  readonly wall?: string;
}

/** How far the lamp stands above the foot, at scale 1 */
const LAMP_HEIGHT = 322;

/** Draws a striped tower on its rock. The foot is the origin. */
export function lighthouse(
  x: number,
  y: number,
  { lit, scale, paint = '#c53b32', wall = '#f4ead6' }: LighthouseOptions,
): string {
  const stripe = (from: number, to: number) => {
    const half = (height: number) => 58 - height * 0.085;
    return polygon(
      [
        [-half(from), -from],
        [half(from), -from],
        [half(to), -to],
        [-half(to), -to],
      ],
      filled(paint),
    );
  };
  return group(
    x,
    y,
    { scale },
    path('M-190 40Q-160 -18 -96 -20Q-60 -44 0 -30Q70 -44 104 -12Q170 -6 200 40Z', outlined('#4b4a5c', 5)),
    path('M-120 10L-96 -4L-60 8M60 10L96 0L130 18M-20 6L10 -6', stroke('#6f6e82', 5)),
    path('M-58 0L-34 -284H34L58 0Z', outlined(wall, 5)),
    stripe(40, 110) + stripe(170, 232),
    path('M20 -282L36 0L58 0L34 -284Z', filled(INK, 0.22)),
    path('M-58 0L-34 -284H34L58 0Z', stroke(INK, 5)),
    path('M-16 0V-34Q-16 -50 0 -50Q16 -50 16 -34V0Z', outlined('#5c3a25', 4)),
    ellipse(0, -140, 9, 13, outlined(lit ? '#ffd75e' : '#2c3354', 4)),
    rect(-48, -296, 96, 14, outlined('#3a3b52', 5)),
    rect(-26, -348, 52, 52, outlined(lit ? '#fff3a8' : '#27304f', 5)),
    path('M-9 -348V-296M9 -348V-296', stroke(INK, 3)),
    path('M-34 -346Q-26 -384 0 -388Q26 -384 34 -346Z', outlined(paint, 5)),
    path('M0 -388V-408', stroke(INK, 5)),
  );
}

/** Draws two beams of light from the lamp, to come before the tower. @param halfHeight of a beam at its far end */
export function beams(x: number, y: number, scale: number, length: number, halfHeight: number, tilt: number): string {
  const lamp = y - LAMP_HEIGHT * scale;
  const beam = (side: number, fraction: number, opacity: number) =>
    polygon(
      [
        [x, lamp],
        [x + side * length, lamp + side * tilt - halfHeight * fraction],
        [x + side * length, lamp + side * tilt + halfHeight * fraction],
      ],
      filled('#ffe98a', opacity),
    );
  return [1, -1].map((side) => beam(side, 1, 0.35) + beam(side, 0.55, 0.5)).join('');
}

/** Draws the key of the lamp, 90 long. It hangs down from its ring, which is the origin. */
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
