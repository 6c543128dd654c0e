import { circle, ellipse, filled, INK, outlined, path, stroke } from '../svg.ts';

export const COAT = '#f5bb33';
export const SKIN = '#edb88f';
const HAIR = '#5b2c22';

export type IdaMood = 'calm' | 'alarmed' | 'firm' | 'glad';

/** Draws Ida's head with her rain hat, 110 wide, looking right. The origin is between her ears. */
export function idaHead(mood: IdaMood): string {
  return [
    path('M-38 -6Q-46 34 -22 40Q0 46 16 36V-10Z', outlined(HAIR)),
    ellipse(5, 6, 31, 31, outlined(SKIN)),
    path('M-30 2Q-26 -26 10 -26Q34 -24 37 -2Q14 -14 -4 -8Q-18 -2 -20 22Q-30 16 -30 2Z', filled(HAIR)),
    circle(-2, 18, 6, filled('#e08d77', 0.75)),
    circle(27, 17, 4, filled('#e08d77', 0.75)),
    face(mood),
    path('M-34 -8Q-36 -52 6 -52Q42 -50 39 -10Z', outlined(COAT)),
    path('M-62 10Q-46 -24 6 -20Q46 -22 58 -4Q30 -8 0 -6Q-34 -4 -62 10Z', outlined(COAT)),
    path('M6 -52Q-2 -36 4 -21', stroke('#c98e1d', 3.5)),
  ].join('');
}

function face(mood: IdaMood): string {
  const brows = {
    calm: 'M2 -6H13M21 -6H31',
    alarmed: 'M0 -7Q6 -13 13 -9M21 -9Q27 -13 32 -7',
    firm: 'M1 -8L14 -3M21 -3L32 -8',
    glad: 'M2 -7Q8 -11 13 -8M21 -8Q26 -11 31 -7',
  }[mood];
  const nose = path('M18 8Q23 12 17 15', stroke(INK, 2.5));
  return path(brows, stroke(HAIR, 3.5)) + eyes(mood) + nose + mouth(mood);
}

function eyes(mood: IdaMood): string {
  if (mood === 'glad') return path('M3 5Q8 -2 13 5M21 5Q26 -2 31 5', stroke(INK, 3.5));
  if (mood !== 'alarmed') return ellipse(9, 4, 3.4, 5, filled(INK)) + ellipse(26, 4, 3.4, 5, filled(INK));
  return [9, 26].map((x) => circle(x, 5, 7.5, outlined('#ffffff', 2.5)) + circle(x + 1, 5, 2.8, filled(INK))).join('');
}

function mouth(mood: IdaMood): string {
  if (mood === 'alarmed') return ellipse(15, 26, 6, 7.5, outlined('#8d2f36', 3));
  if (mood === 'glad') return path('M5 20Q16 24 26 19Q22 33 14 33Q7 31 5 20Z', outlined('#8d2f36', 3));
  return path(mood === 'firm' ? 'M8 25H23' : 'M8 23Q15 28 23 22', stroke(INK, 3));
}
