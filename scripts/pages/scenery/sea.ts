import { SeededChoices } from '../seeded-choices.ts';
import { filled, path, pathData, rect, stroke } from '../svg.ts';

export interface SeaOptions {
  readonly deep: string;
  readonly light: string;
  readonly seed: number;
}

export const NIGHT_WATER = { deep: '#12284f', light: '#3f6ea9' } as const;

/** Draws water from the horizon `y` down. Waves grow towards the reader. */
export function sea(width: number, height: number, y: number, { deep, light, seed }: SeaOptions): string {
  const random = new SeededChoices(seed);
  const depth = height - y;
  const waves = random.repeat(Math.round((width * depth) / 2600), () => {
    const nearness = random.between(0, 1);
    const size = 8 + 34 * nearness;
    const [left, top] = [random.between(-size, width), y + 6 + nearness * depth];
    return path(
      pathData`M${left} ${top}q${size / 2} ${-size / 5} ${size} 0`,
      stroke(light, 1.2 + 2 * nearness, random.between(0.35, 0.9)),
    );
  });
  return rect(0, y, width, depth, filled(deep)) + waves;
}

/** Draws the reflection of the moon or the sun on the water. */
export function glitter(x: number, y: number, depth: number, halfWidth: number, color: string, seed: number): string {
  const random = new SeededChoices(seed);
  const lines = Math.round(depth / 9);
  return random.repeat(lines, (i) => {
    const nearness = (i + 0.5) / lines;
    const half = halfWidth * (0.3 + 0.7 * nearness) * random.between(0.35, 1);
    const middle = x + random.between(-0.25, 0.25) * halfWidth;
    const top = y + nearness * depth;
    return path(
      pathData`M${middle - half} ${top}H${middle + half}`,
      stroke(color, 2 + 3 * nearness, 0.9 - 0.35 * nearness),
    );
  });
}
