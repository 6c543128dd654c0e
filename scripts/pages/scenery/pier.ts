import { SeededChoices } from '../seeded-choices.ts';
import { filled, group, INK, outlined, path, pathData, rect, stroke, thickLine } from '../svg.ts';

const WOOD = '#8d5f3a';

/** Draws a pier from the side: planks at `y`, posts down to the water. */
export function pier(from: number, to: number, y: number, depth: number, seed = 1): string {
  const random = new SeededChoices(seed);
  const posts: string[] = [];
  for (let x = from + 30; x < to; x += 110) posts.push(rect(x, y + 6, 22, depth, outlined('#5f3e27', 4)));
  const planks: string[] = [];
  for (let x = from; x < to; x += 46)
    planks.push(path(pathData`M${x + random.between(-6, 6)} ${y}v22`, stroke(INK, 2.5)));
  const deck =
    rect(from, y, to - from, 22, outlined(WOOD, 4)) + path(pathData`M${from} ${y + 5}H${to}`, stroke('#b98a5c', 4));
  return posts.join('') + deck + planks.join('');
}

export function crate(x: number, y: number, size: number): string {
  return group(
    x,
    y,
    { scale: size / 100 },
    rect(-50, -100, 100, 100, outlined('#b07b46', 4)),
    path('M-50 -72H50M-50 -28H50M-36 -28L36 -72', stroke(INK, 3)),
    rect(-50, -100, 14, 100, outlined('#8d5f3a', 3)),
    rect(36, -100, 14, 100, outlined('#8d5f3a', 3)),
  );
}

export function barrel(x: number, y: number, scale: number, color = '#9a6236'): string {
  return group(
    x,
    y,
    { scale },
    path('M-34 0Q-50 -50 -34 -100H34Q50 -50 34 0Z', outlined(color, 5)),
    path('M-12 0Q-18 -50 -12 -100M12 0Q18 -50 12 -100', stroke(INK, 2.5)),
    path('M-40 -22H40M-40 -78H40', stroke('#3d3d4e', 9)),
  );
}

export function bollard(x: number, y: number, scale: number): string {
  return group(
    x,
    y,
    { scale },
    path('M-26 0L-20 -60H20L26 0Z', outlined('#4d4f63', 5)),
    rect(-32, -80, 64, 24, { ...outlined('#62657c', 5), rx: 10 }),
    thickLine('M-26 -26Q0 -12 26 -26M-27 -14Q0 0 27 -14', '#d9b27c', 8, 6),
    path('M8 -56L12 -10L20 -8L16 -56Z', filled(INK, 0.25)),
  );
}

export function ropeCoil(x: number, y: number, scale: number): string {
  const loops = [0, 14, 28].map((up) =>
    thickLine(pathData`M-44 ${-up}Q0 ${18 - up} 44 ${-up}Q0 ${-20 - up} -44 ${-up}`, '#d9b27c', 9, 6),
  );
  return group(x, y, { scale }, ...loops);
}
