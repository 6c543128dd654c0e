import { SeededChoices } from '../seeded-choices.ts';
import { circle, filled, group, type Point, path, pathData, polygon, rect, stroke } from '../svg.ts';

/** From the farthest sky to the ring around the moon */
type NightColors = readonly [string, ...(readonly string[])];
const NIGHT: NightColors = ['#141c40', '#1b2855', '#24376f', '#31508f', '#4a70ad'];
const MOON = '#fff2bf';

/**
 * Draws the night sky in rings that get lighter towards the moon. The moon itself comes after the stars, to hide them. Flat
 * steps look printed and compress better than a gradient.
 */
export function moonSky(width: number, height: number, [x, y]: Point, radius: number, night: NightColors = NIGHT) {
  const maxRadius = Math.hypot(width, height) * 0.75;
  const [sky, ...ringColors] = night;
  const rings = ringColors.map((color, i) =>
    circle(x, y, radius + maxRadius * (1 - (i + 1) / night.length) ** 1.4, filled(color)),
  );
  return rect(0, 0, width, height, filled(sky)) + rings.join('');
}

export function moon(x: number, y: number, radius: number): string {
  const craters: readonly [number, number, number][] = [
    [-0.35, -0.2, 0.22],
    [0.3, 0.25, 0.28],
    [0.1, -0.5, 0.13],
    [-0.25, 0.5, 0.15],
  ];
  return (
    circle(x, y, radius * 1.18, filled(MOON, 0.25)) +
    circle(x, y, radius, filled(MOON)) +
    craters.map(([dx, dy, r]) => circle(x + dx * radius, y + dy * radius, r * radius, filled('#efdc9d'))).join('')
  );
}

export function stars(width: number, height: number, count: number, seed: number): string {
  const random = new SeededChoices(seed);
  return random.repeat(count, () =>
    circle(random.between(0, width), random.between(0, height), random.between(0.8, 2.6), filled('#eef2ff', 0.85)),
  );
}

export function cloud(x: number, y: number, width: number, color: string, opacity = 1): string {
  const outline = 'M0 0q-3.2 -16 18 -16q8 -22.4 30 -16q20 -14.4 30 8q22 -3.2 22 24Z';
  return group(x, y, { scale: width / 100 }, path(outline, filled(color, opacity)));
}

/** Draws stripes from top to bottom with wavy edges, for a dawn or a storm. */
export function stripedSky(width: number, height: number, colors: readonly string[]): string {
  const step = height / colors.length;
  return colors
    .map((color, i) => {
      const y = i * step;
      const swell = i === 0 ? 0 : step * 0.22;
      return path(
        pathData`M0 ${y}Q${width * 0.25} ${y - swell} ${width * 0.5} ${y}T${width} ${y}V${height}H0Z`,
        filled(color),
      );
    })
    .join('');
}

/** Draws rays from a point, for surprise and speed. */
export function rays(width: number, height: number, [x, y]: Point, color: string, count: number): string {
  const length = width + height;
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [(i / count) * 2 * Math.PI, ((i + 0.5) / count) * 2 * Math.PI];
    const end = (angle: number): Point => [x + length * Math.cos(angle), y + length * Math.sin(angle)];
    return polygon([[x, y], end(from), end(to)], filled(color));
  }).join('');
}

export function rain(width: number, height: number, count: number, seed: number, color = '#b9d3ee'): string {
  const random = new SeededChoices(seed);
  return random.repeat(count, () => {
    const length = random.between(18, 46);
    const [x, y] = [random.between(0, width * 1.1), random.between(-20, height)];
    return path(pathData`M${x} ${y}l${-length * 0.3} ${length}`, stroke(color, random.between(1.2, 2.8), 0.7));
  });
}
