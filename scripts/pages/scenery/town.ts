import { SeededChoices } from '../seeded-choices.ts';
import { filled, path, pathData, rect } from '../svg.ts';

const WALLS = ['#2b2f55', '#33305a', '#273a5e', '#3a2f4f'] as const;

/** Draws a row of houses along the quay at `y`, with some windows lit. */
export function town(from: number, to: number, y: number, height: number, seed: number): string {
  const random = new SeededChoices(seed);
  const houses: string[] = [];
  for (let x = from; x < to; ) {
    const width = height * random.between(0.5, 0.8);
    const houseHeight = height * random.between(0.55, 1);
    const roof = houseHeight * 0.35;
    houses.push(
      path(
        pathData`M${x} ${y}V${y - houseHeight + roof}L${x + width / 2} ${y - houseHeight}L${x + width} ${y - houseHeight + roof}V${y}Z`,
        filled(random.pick(WALLS)),
      ),
      ...windows(x, y, width, houseHeight - roof, random),
    );
    x += width * 0.94;
  }
  return houses.join('');
}

function windows(x: number, y: number, width: number, height: number, random: SeededChoices): string[] {
  const size = width * 0.2;
  return [0.22, 0.58].flatMap((across) =>
    [0.25, 0.68].map((up) => {
      const lit = random.between(0, 1) < 0.45;
      return rect(
        x + width * across,
        y - height * up - size / 2,
        size,
        size * 1.2,
        filled(lit ? '#ffcf5c' : '#1a2144'),
      );
    }),
  );
}
