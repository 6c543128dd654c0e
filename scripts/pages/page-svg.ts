import { drawLettering } from './lettering/balloon.ts';
import { PAGE_HEIGHT, PAGE_WIDTH, type Page, type Panel } from './page.ts';
import { GUTTER } from './page-layout.ts';
import { element, rect, viewport } from './svg.ts';
import { INK, PAPER, stroke } from './svg-styles.ts';

/** Paper around every panel, seen where it is an inset. Half a gutter, so that neighbours do not touch. */
const PANEL_BORDER = GUTTER / 2;

export function pageSvg(page: Page): string {
  const content = page.kind === 'narrative' ? drawPanels(page.panels) : [page.draw(PAGE_WIDTH, PAGE_HEIGHT)];
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width: PAGE_WIDTH, height: PAGE_HEIGHT },
    rect(0, 0, PAGE_WIDTH, PAGE_HEIGHT, { fill: PAPER }),
    ...content,
  );
}

/** The largest first: a splash lies under its insets wherever it comes in reading order. */
function drawPanels(panels: readonly Panel[]): string[] {
  const area = ({ box }: Panel) => box.width * box.height;
  return panels.toSorted((a, b) => area(b) - area(a)).map(drawPanel);
}

function drawPanel({ box: { x, y, width, height }, draw, lettering }: Panel): string {
  const picture = viewport(x, y, width, height, draw(width, height), ...lettering.map(drawLettering));
  const paper = rect(x - PANEL_BORDER, y - PANEL_BORDER, width + 2 * PANEL_BORDER, height + 2 * PANEL_BORDER, {
    fill: PAPER,
  });
  return paper + picture + rect(x, y, width, height, { ...stroke(INK, 6), 'stroke-linejoin': 'miter' });
}
