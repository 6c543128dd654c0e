import { catHead } from '../cast/cat.ts';
import { textBlock } from '../lettering/text-block.ts';
import type { DrawFunction, PlainPage } from '../page.ts';
import { bollard, ropeCoil } from '../scenery/pier.ts';
import { feather } from '../scenery/room.ts';
import { moon } from '../scenery/sky.ts';
import { circle, group, INK, outlined, path, rect, stroke } from '../svg.ts';

const pen = (weight: number) => [{ color: INK, weight }];

const draw: DrawFunction = (w, h) =>
  rect(34, 34, w - 68, h - 68, stroke(INK, 5)) +
  rect(48, 48, w - 96, h - 96, stroke('#c53b32', 3)) +
  textBlock(['CREDITS'], w / 2, 170, 9, pen(1)) +
  path('M250 240H650', stroke('#c53b32', 5)) +
  textBlock(['STORY, PICTURES, LETTERS'], w / 2, 330, 3.2, pen(0.85)) +
  textBlock(['THE PANELVEC AUTHORS'], w / 2, 380, 4.2, pen(0.95)) +
  textBlock(['INK AND PAPER'], w / 2, 490, 3.2, pen(0.85)) +
  textBlock(['A THOUSAND LINES OF CODE'], w / 2, 540, 4.2, pen(0.95)) +
  textBlock(['NO GULL WAS HARMED.', 'THIS ONE WAS GIVEN A SANDWICH.'], w / 2, 660, 3.2, pen(0.85)) +
  circle(w / 2, 850, 142, outlined('#24376f', 6)) +
  moon(w / 2 + 62, 776, 30) +
  group(w / 2, 868, { scale: 1.9 }, catHead('asleep')) +
  ropeCoil(200, 1080, 1.6) +
  bollard(700, 1090, 1.5) +
  feather(460, 1070, 1.2, -12);

export const credits: PlainPage = { kind: 'credits', name: 'page_005', format: 'jpg', draw };
