import { FUR, runningCat, STRIPE, sittingCat } from '../cast/cat.ts';
import { flyingGull } from '../cast/gull.ts';
import { ida, RUNNING, STANDING } from '../cast/ida.ts';
import { columns, type DrawFunction, INNER, type NarrativePage, rows } from '../page.ts';
import { lampKey } from '../scenery/lighthouse.ts';
import { boardFloor, feather, lantern, pottedPlant, rainyWindow } from '../scenery/room.ts';
import { rain } from '../scenery/sky.ts';
import { ellipse, filled, INK, outlined, path, rect, stroke, thickLine } from '../svg.ts';

const windowPanel: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#5b6b52')) +
  rainyWindow(64, 24, w - 128, h - 108) +
  path(`M0 0H86Q96 120 34 ${h - 96}Q16 ${h - 84} 0 ${h - 88}Z`, outlined('#b5473f', 5)) +
  path(
    `M${w} 0H${w - 86}Q${w - 96} 120 ${w - 34} ${h - 96}Q${w - 16} ${h - 84} ${w} ${h - 88}Z`,
    outlined('#b5473f', 5),
  ) +
  rect(-10, h - 84, w + 20, 26, outlined('#e4d3ae', 5)) +
  pottedPlant(286, h - 84, 1);

const hooks: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#d9c08c')) +
  [60, 160, 260, 360].map((x) => path(`M${x} 0V${h}`, stroke('#c2a66f', 4))).join('') +
  rect(-10, h - 54, w + 20, 70, outlined('#8d5f3a', 5)) +
  rect(48, 118, w - 96, 66, { ...outlined('#7b4b2c', 5), rx: 8 }) +
  [112, 206, 300].map((x) => thickLine(`M${x} 142V166Q${x} 180 ${x + 14} 174`, '#c9ccd6', 6, 7)).join('') +
  lampKey(114, 188, 1.15, 4) +
  lampKey(302, 188, 1.15, -5) +
  path('M206 202V290M206 288H226M206 270H222M188 186a18 18 0 1 0 36 0a18 18 0 1 0 -36 0', {
    ...stroke('#8f7543', 4),
    'stroke-dasharray': '7 9',
  });

const talk: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#33565c')) +
  ellipse(214, 232, 190, 170, filled('#4f7f74')) +
  ellipse(214, 238, 120, 112, filled('#8fae7a')) +
  rect(-10, h - 74, w + 20, 90, outlined('#8d5f3a', 5)) +
  path(`M0 ${h - 44}H${w}M0 ${h - 18}H${w}`, stroke('#6d4629', 4)) +
  lantern(214, h - 72, 1) +
  ida(88, h - 26, { scale: 0.92 }, STANDING, 'firm') +
  sittingCat(330, h - 64, { scale: 0.88 }, 'startled');

const eyes: DrawFunction = (w, h) => {
  const eye = (x: number) =>
    ellipse(x, 196, 88, 80, outlined('#cfe05a', 9)) +
    ellipse(x, 196, 60, 66, filled('#e8f08e')) +
    ellipse(x, 196, 30, 72, filled(INK)) +
    flyingGull(x, 196, { scale: 0.24 }) +
    ellipse(x + 34, 158, 13, 16, filled('#ffffff'));
  return (
    rect(0, 0, w, h, filled(FUR)) +
    path(`M${w / 2} -10V96M${w / 2 - 56} -10L${w / 2 - 40} 74M${w / 2 + 56} -10L${w / 2 + 40} 74`, stroke(STRIPE, 24)) +
    path(`M-10 300L70 292M-10 346L78 326M${w + 10} 300L${w - 70} 292M${w + 10} 346L${w - 78} 326`, stroke(STRIPE, 20)) +
    eye(108) +
    eye(w - 108) +
    ellipse(w / 2, h + 6, 112, 76, outlined('#fff6e6', 7)) +
    path(`M${w / 2 - 34} ${h - 78}H${w / 2 + 34}L${w / 2} ${h - 42}Z`, outlined('#e0706a', 6))
  );
};

const floor: DrawFunction = (w, h) =>
  boardFloor(w, h) +
  path(`M60 0L260 0L${w} ${h - 50}L${w} ${h}L150 ${h}Z`, filled('#ffe9a8', 0.32)) +
  feather(196, 218, 2.1, -24) +
  thickLine(`M${w + 20} 330Q350 300 316 268`, FUR, 62, 12) +
  ellipse(306, 258, 38, 31, { ...outlined('#fff6e6', 6), transform: 'rotate(40 306 258)' }) +
  path('M284 252L296 266M300 240L312 254', stroke(INK, 4));

const door: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#20243a')) +
  [0, 1, 2, 3, 4, 5, 6].map((row) => path(`M0 ${row * 52 + 18}H${w}`, stroke('#2c3150', 5))).join('') +
  path(`M132 ${h - 60}L268 ${h - 60}L${w - 10} ${h}L40 ${h}Z`, filled('#ffd263')) +
  rect(126, 66, 148, h - 124, outlined('#ffe08a', 7)) +
  path(`M126 66L60 40L60 ${h - 20}L126 ${h - 58}Z`, outlined('#2f6f6a', 6)) +
  ida(214, h - 36, { scale: 1 }, RUNNING, 'firm') +
  runningCat(318, h - 34, { scale: 0.62 }) +
  rain(w, h, 70, 31);

const [firstRow, secondRow, thirdRow] = rows(INNER, [1, 1, 1]);
const [windowBox, hooksBox] = columns(firstRow, [1, 1]);
const [talkBox, eyesBox] = columns(secondRow, [1.1, 1]);
const [floorBox, doorBox] = columns(thirdRow, [1, 1]);

export const page002: NarrativePage = {
  kind: 'narrative',
  name: 'page_002',
  format: 'png',
  summary: 'Indoors, while rain runs down the window, Ida and her cat find the key gone and a feather on the floor.',
  panels: [
    {
      box: windowBox,
      description: 'Rain runs down a window with red curtains and a potted plant on the sill.',
      draw: windowPanel,
      lettering: [
        { type: 'sfx', lines: ['PLIP', 'PLOP'], position: [146, 112], size: 5, rotation: -8, color: '#cfe6ff' },
      ],
    },
    {
      box: hooksBox,
      description: 'Two golden keys hang from a board with three hooks, and the middle hook is empty.',
      draw: hooks,
      lettering: [{ type: 'dialogue', lines: ['THE KEY... GONE!'], position: [170, 62], tail: [398, 96] }],
    },
    {
      box: talkBox,
      description: 'Ida questions her orange cat across a lantern on the floor of a green room.',
      draw: talk,
      lettering: [
        { type: 'dialogue', lines: ['BISCUIT, WHO', 'TOOK IT?'], position: [134, 58], tail: [108, 150] },
        { type: 'dialogue', lines: ['MRRP.'], position: [344, 84], tail: [330, 158] },
      ],
    },
    {
      box: eyesBox,
      description: "Extreme close-up of the cat's wide green eyes, each with a tiny gull mirrored in it.",
      draw: eyes,
      lettering: [],
    },
    {
      box: floorBox,
      description: "The cat's paw reaches for a white feather on the wooden floor.",
      draw: floor,
      lettering: [{ type: 'dialogue', lines: ['A FEATHER!'], position: [126, 62], tail: [20, 190] }],
    },
    {
      box: doorBox,
      description: 'Ida and the cat burst out of a bright doorway into the rainy night.',
      draw: door,
      lettering: [{ type: 'sfx', lines: ['BANG!'], position: [302, 64], size: 6.2, rotation: 8, color: '#ff7a4a' }],
    },
  ],
};
