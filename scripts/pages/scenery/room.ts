import { SeededChoices } from '../seeded-choices.ts';
import {
  circle,
  ellipse,
  filled,
  group,
  INK,
  outlined,
  path,
  pathData,
  rect,
  stroke,
  thickLine,
  viewport,
} from '../svg.ts';
import { rain } from './sky.ts';
import { town } from './town.ts';

/** Draws four panes with the town behind them, in the rain. */
export function rainyWindow(x: number, y: number, width: number, height: number): string {
  const outside =
    rect(0, 0, width, height, filled('#22375f')) +
    ellipse(width * 0.7, height * 0.2, 120, 70, filled('#2d4878')) +
    town(-10, width + 10, height, height * 0.42, 17) +
    rain(width, height, 46, 5) +
    drops(width, height, 26, 7);
  return (
    rect(x - 12, y - 12, width + 24, height + 24, outlined('#e4d3ae', 5)) +
    viewport(x, y, width, height, outside) +
    rect(x, y, width, height, stroke(INK, 4)) +
    path(pathData`M${x + width / 2} ${y}v${height}M${x} ${y + height * 0.46}h${width}`, stroke(INK, 17)) +
    path(pathData`M${x + width / 2} ${y}v${height}M${x} ${y + height * 0.46}h${width}`, stroke('#e4d3ae', 9))
  );
}

/** Draws drops that run down a pane. */
function drops(width: number, height: number, count: number, seed: number): string {
  const random = new SeededChoices(seed);
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

export function pottedPlant(x: number, y: number, scale: number): string {
  const leaf = (rotation: number, color: string) =>
    group(0, -44, { rotation }, path('M0 0Q-20 -36 0 -78Q20 -36 0 0Z', outlined(color)));
  return group(
    x,
    y,
    { scale },
    leaf(-58, '#3c8a4e'),
    leaf(56, '#3c8a4e'),
    leaf(-26, '#58a85c'),
    leaf(24, '#58a85c'),
    path('M-30 -48H30L22 0H-22Z', outlined('#c56a3d')),
    rect(-35, -58, 70, 16, outlined('#d9814e')),
  );
}

export function lantern(x: number, y: number, scale: number): string {
  return group(
    x,
    y,
    { scale },
    circle(0, -50, 72, filled('#fff3b0', 0.35)),
    path('M-20 -92Q0 -136 20 -92', stroke(INK, 5)),
    rect(-26, -84, 52, 70, outlined('#fff0a0')),
    path('M0 -66Q17 -42 0 -26Q-17 -42 0 -66Z', outlined('#f28a2e', 3)),
    path('M-9 -84V-14M9 -84V-14', stroke(INK, 2.5, 0.5)),
    rect(-32, -16, 64, 16, outlined('#4d4f63')),
    path('M-32 -82H32L18 -98H-18Z', outlined('#4d4f63')),
  );
}

export function boardFloor(width: number, height: number): string {
  const random = new SeededChoices(41);
  const board = height / 5;
  const boards = random.repeat(5, (i) => {
    const y = i * board;
    const seam = random.between(0.15, 0.85) * width;
    return (
      rect(0, y, width, board, outlined(random.pick(['#a86f42', '#9c6439', '#b37a4b']), 3)) +
      path(pathData`M${seam} ${y}v${board}M${seam - 60} ${y + board / 2}q-40 8 -90 0`, stroke('#6d4022', 3))
    );
  });
  return boards;
}

const barb = stroke('#b4bccb', 2.5);

export function feather(x: number, y: number, scale: number, rotation: number): string {
  return group(
    x,
    y,
    { scale, rotation },
    path(
      'M-62 10Q-44 -16 -12 -20L-8 -11L0 -22Q44 -30 84 -14Q66 10 24 15L15 7L9 17Q-30 26 -62 10Z',
      outlined('#fbfaf5', 3),
    ),
    path('M-36 3L-46 -8M-20 1L-28 -14M16 -4L8 -20M36 -7L30 -23M-24 3L-30 18M0 0L-6 17M32 -4L40 8M48 -8L56 2', barb),
    thickLine('M-100 22Q-20 6 74 -12', '#c9cedb', 1.5, 3),
  );
}
