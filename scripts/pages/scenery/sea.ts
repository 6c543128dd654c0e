import { flat, stroke } from '../ink.ts';
import { Seeded } from '../seeded.ts';
import { d, path, rect } from '../svg.ts';

export interface Water {
  readonly deep: string;
  readonly light: string;
  readonly seed: number;
}

export const NIGHT_WATER = { deep: '#12284f', light: '#3f6ea9' } as const;

/** Water from the horizon `y` down. Waves grow towards the reader. */
export function sea(width: number, height: number, y: number, { deep, light, seed }: Water): string {
  const random = new Seeded(seed);
  const depth = height - y;
  const waves = random.times(Math.round((width * depth) / 2600), () => {
    const near = random.between(0, 1);
    const size = 8 + 34 * near;
    const [left, top] = [random.between(-size, width), y + 6 + near * depth];
    return path(
      d`M${left} ${top}q${size / 2} ${-size / 5} ${size} 0`,
      stroke(light, 1.2 + 2 * near, random.between(0.35, 0.9)),
    );
  });
  return rect(0, y, width, depth, flat(deep)) + waves;
}

/** The moon's or the sun's road on the water. */
export function glitter(x: number, y: number, depth: number, spread: number, color: string, seed: number): string {
  const random = new Seeded(seed);
  const lines = Math.round(depth / 9);
  return random.times(lines, (at) => {
    const near = (at + 0.5) / lines;
    const half = spread * (0.3 + 0.7 * near) * random.between(0.35, 1);
    const middle = x + random.between(-0.25, 0.25) * spread;
    const top = y + near * depth;
    return path(d`M${middle - half} ${top}H${middle + half}`, stroke(color, 2 + 3 * near, 0.9 - 0.35 * near));
  });
}
