import { runningCat } from '../cast/cat.ts';
import { flyingGull, standingGull } from '../cast/gull.ts';
import { ida, REACHING, RUNNING } from '../cast/ida.ts';
import { columns, type DrawFunction, INNER, type NarrativePage, rows } from '../page.ts';
import { lampKey } from '../scenery/lighthouse.ts';
import { barrel, crate, pier } from '../scenery/pier.ts';
import { NIGHT_WATER, sea } from '../scenery/sea.ts';
import { cloud, moon, moonSky, stars, stripedSky } from '../scenery/sky.ts';
import { SeededChoices } from '../seeded-choices.ts';
import { circle, filled, INK, outlined, path, pathData, rect, stroke, thickLine } from '../svg.ts';

/** Draws lines of speed behind something that runs to the right. */
function speedLines(w: number, h: number, count: number, color: string, seed: number): string {
  const random = new SeededChoices(seed);
  return random.repeat(count, () => {
    const length = random.between(60, 220);
    return path(
      pathData`M${random.between(-40, w)} ${random.between(0, h)}h${length}`,
      stroke(color, random.between(1.5, 5)),
    );
  });
}

const chase: DrawFunction = (w, h) =>
  stripedSky(w, h, ['#3a1f52', '#57296a', '#7a3a7c', '#a04f86']) +
  speedLines(w, h * 0.6, 26, '#c98ab5', 3) +
  sea(w, h, h - 62, { deep: '#2b1a47', light: '#8d5a9c', seed: 14 }) +
  pier(-20, w + 20, h - 64, 90, 6) +
  ida(116, h - 64, { scale: 0.92 }, RUNNING, 'firm') +
  runningCat(318, h - 100, { scale: 0.72 }) +
  flyingGull(424, 112, { scale: 0.74, key: true });

const leap: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#e2b13c')) +
  speedLines(w, h, 34, '#f3d98a', 19) +
  rect(-10, h - 34, w + 20, 60, outlined('#8d5f3a', 5)) +
  barrel(112, h - 30, 1.05, '#a8503a') +
  barrel(206, h - 30, 0.92, '#5b7a4a') +
  crate(452, h - 30, 104) +
  path('M60 96Q190 -10 330 60', { ...stroke(INK, 4), 'stroke-dasharray': '4 16' }) +
  runningCat(318, 98, { scale: 1.12, rotation: 6 }, 'startled');

const flight: DrawFunction = (w, h) =>
  moonSky(w, h, [330, 128], 104, ['#0f3138', '#15474d', '#1f6264', '#2f8480']) +
  moon(330, 128, 104) +
  cloud(-30, h + 12, 270, '#1a5557') +
  cloud(370, h + 16, 240, '#1a5557') +
  flyingGull(318, 150, { scale: 1.12, key: true, rotation: -10 });

const mast: DrawFunction = (w, h) =>
  stripedSky(w, h, ['#0f1d3f', '#16305c', '#204a7c', '#2f689b', '#4588b5', '#6aa9c9']) +
  stars(w, h * 0.45, 36, 27) +
  path(`M${w / 2} 150L-30 ${h}M${w / 2} 150L${w + 30} ${h}`, stroke(INK, 4)) +
  [0, 1, 2, 3, 4, 5].map((i) => path(`M${94 - i * 24} ${330 + i * 78}H${w - 94 + i * 24}`, stroke(INK, 2.5))).join('') +
  rect(w / 2 - 13, 130, 26, h, outlined('#9a6236', 5)) +
  path(`M${w / 2 + 4} 136V${h}`, stroke('#6d4022', 5)) +
  thickLine(`M26 250H${w - 26}`, '#7b4b2c', 15) +
  path(`M34 262Q${w / 2} 322 ${w - 34} 262L${w - 52} 292Q${w / 2} 342 52 292Z`, outlined('#e9dcc0', 4)) +
  standingGull(w / 2 - 4, 130, { scale: 0.74, key: true }) +
  runningCat(w / 2 + 6, 520, { scale: 0.96, rotation: -82 });

const catchKey: DrawFunction = (w, h) =>
  stripedSky(w, h, ['#11203f', '#1b3560', '#2b5288']) +
  circle(500, 120, 128, filled('#3b679c')) +
  circle(500, 120, 84, filled('#6f9cc4')) +
  sea(w, h, h - 96, { ...NIGHT_WATER, seed: 33 }) +
  pier(-20, 330, h - 92, 120, 8) +
  path('M500 -10V62M472 -10V30M530 -10V26', stroke('#fff2bf', 5)) +
  lampKey(500, 94, 1.12, 18) +
  ida(368, h - 82, { scale: 1.12, rotation: 8 }, REACHING, 'glad') +
  runningCat(150, h - 130, { scale: 0.78 }, 'startled') +
  path(`M560 ${h - 36}q30 -40 60 0M640 ${h - 22}q22 -30 44 0`, stroke('#8fb4de', 4));

const [upper, strip] = rows(INNER, [2.15, 1]);
const [side, tall] = columns(upper, [2, 1]);
const [one, two, three] = rows(side, [1.12, 1, 1]);

export const page003: NarrativePage = {
  kind: 'narrative',
  name: 'page_003',
  format: 'webp',
  summary: 'Ida and the cat chase the gull along the pier and up a mast until it drops the key.',
  panels: [
    {
      box: one,
      description: 'Ida and her cat run along the pier after a gull that flies off with the key.',
      draw: chase,
      lettering: [{ type: 'dialogue', lines: ['STOP,', 'THIEF!'], position: [264, 48], tail: [184, 84] }],
    },
    {
      box: two,
      description: 'The orange cat leaps over barrels against a yellow background.',
      draw: leap,
      lettering: [],
    },
    {
      box: three,
      description: 'The gull glides past a huge moon above the clouds with the key in its beak.',
      draw: flight,
      lettering: [
        { type: 'sfx', lines: ['KRAA KRAA!'], position: [140, 46], size: 3.9, rotation: -5, color: '#ffffff' },
      ],
    },
    {
      box: tall,
      description: 'The cat climbs the tall mast of a ship towards the gull at its top.',
      draw: mast,
      lettering: [{ type: 'caption', lines: ['UP', 'AND UP', 'AND UP...'], position: [84, 652] }],
    },
    {
      box: strip,
      description: 'Ida leaps from the end of the pier and stretches out her hands for the falling key.',
      draw: catchKey,
      lettering: [
        { type: 'dialogue', lines: ['GOT IT!'], position: [244, 66], tail: [360, 96] },
        { type: 'sfx', lines: ['CLINK!'], position: [680, 112], size: 8.6, rotation: -8, color: '#ffd75e' },
      ],
    },
  ],
};
