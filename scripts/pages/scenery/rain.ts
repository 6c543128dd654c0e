import { Mulberry32 } from '../mulberry32.ts';
import { group, path, pathData } from '../svg.ts';
import { filled, stroke } from '../svg-styles.ts';

export function rain(width: number, height: number, count: number, seed: number, color = '#b9d3ee'): string {
  const random = new Mulberry32(seed);
  return random.repeat(count, () => {
    const length = random.between(18, 46);
    const [x, y] = [random.between(0, width * 1.1), random.between(-20, height)];
    return path(pathData`M${x} ${y}l${-length * 0.3} ${length}`, stroke(color, random.between(1.2, 2.8), 0.7));
  });
}

/** Drops that run down a pane. */
export function drops(width: number, height: number, count: number, seed: number): string {
  const random = new Mulberry32(seed);
  return random.repeat(count, () => {
    const size = random.between(4, 9);
    const [x, y] = [random.between(8, width - 8), random.between(0, height)];
    const trail = random.between(14, 70);
    return (
      path(pathData`M${x} ${y}q${random.between(-4, 4)} ${-trail / 2} 0 ${-trail}`, stroke('#8fb3d9', 2, 0.55)) +
      group(x, y, { scale: size }, path('M0 -1.6q1.4 1.8 0 2.4q-1.4 -.6 0 -2.4Z', filled('#cfe4fa', 0.9)))
    );
  });
}
