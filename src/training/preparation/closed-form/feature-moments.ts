import { elementAt } from '../../../util/arrays.ts';
import { addTo, CrossMoments, Moments, RowSums } from './moments.ts';

/** What a fit sees of a panel: transformed features. */
export interface FitPanel {
  /** Of the unchanged picture and of its views, with the features of all backbones one after the other; as many for each panel */
  readonly pictures: readonly Float64Array[];
  readonly text: Float64Array | undefined;
  /** Of the panel on its page, LAYOUT_NUMBERS of them; undefined if it is not known */
  readonly layout: Float64Array | undefined;
}

/** Numbers of the layout of a panel: the logarithm of its aspect ratio, the root of its share of the page. */
export const LAYOUT_NUMBERS = 2;

/**
 * Sums over pages, of which a fit is made: they are as large for many panels as for a few. All are about the features of the
 * first panel, so that a feature that never changes has the variance 0, and little is lost to cancellation.
 */
export class FeatureMoments {
  /** Pictures of panels with text and without, each view a row */
  readonly withText: Moments;
  readonly withoutText: Moments;
  /** Unchanged pictures */
  readonly unchanged: Moments;
  /** Means over the views of a panel */
  readonly panelMeans: Moments;
  /** Means of these over the panels of a page, times the root of the number of panels */
  readonly pageMeans: Moments;
  /** Texts, each panel a row */
  readonly texts: Moments;
  /** Pictures and their texts, each view a row */
  readonly pairs: CrossMoments;
  /** Pictures of panels whose layout is known, each view a row */
  readonly withLayout: RowSums;
  /** Layouts, each view a row */
  readonly layouts: Moments;
  /** Pictures and layouts, each view a row */
  readonly layoutPairs: CrossMoments;
  #pictureOrigin: Float64Array | undefined;
  #textOrigin: Float64Array | undefined;

  constructor(pictureFeatures: number, textFeatures: number) {
    const ofPictures = () => new Moments(pictureFeatures);
    this.withText = ofPictures();
    this.withoutText = ofPictures();
    this.unchanged = ofPictures();
    this.panelMeans = ofPictures();
    this.pageMeans = ofPictures();
    this.texts = new Moments(textFeatures);
    this.pairs = new CrossMoments(pictureFeatures, textFeatures);
    this.withLayout = new RowSums(pictureFeatures);
    this.layouts = new Moments(LAYOUT_NUMBERS);
    this.layoutPairs = new CrossMoments(pictureFeatures, LAYOUT_NUMBERS);
  }

  /** The features that all sums are about. */
  get origin(): { readonly picture: Float64Array; readonly text: Float64Array } {
    return {
      picture: this.#pictureOrigin ?? new Float64Array(this.unchanged.sum.length),
      text: this.#textOrigin ?? new Float64Array(this.texts.sum.length),
    };
  }

  /** Pictures of a panel, the unchanged one among them. */
  get views(): number {
    return (this.withText.count + this.withoutText.count) / Math.max(1, this.unchanged.count);
  }

  addPage(panels: readonly FitPanel[]): void {
    const means = panels.map((panel) => this.#addPanel(panel));
    if (means.length > 0) this.pageMeans.add(sumOf(means, 1 / Math.sqrt(means.length)));
  }

  /** @returns the mean over the views */
  #addPanel({ pictures, text, layout }: FitPanel): Float64Array {
    this.#pictureOrigin ??= elementAt(pictures, 0);
    this.#textOrigin ??= text;
    const { picture: pictureOrigin, text: textOrigin } = this.origin;
    const rows = pictures.map((picture) => subtract(picture, pictureOrigin));
    this.unchanged.add(elementAt(rows, 0));
    const mean = sumOf(rows, 1 / rows.length);
    this.panelMeans.add(mean);
    const moments = text === undefined ? this.withoutText : this.withText;
    for (const row of rows) moments.add(row);
    const sum = sumOf(rows, 1);
    if (layout) {
      this.withLayout.add(sum, rows.length);
      for (const _ of rows) this.layouts.add(layout);
      this.layoutPairs.add(sum, layout);
    }
    if (text === undefined) return mean;
    const textRow = subtract(text, textOrigin);
    this.texts.add(textRow);
    this.pairs.add(sum, textRow);
    return mean;
  }
}

function subtract(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - (b[i] ?? 0));
}

/** The sum of some rows, times a factor. */
function sumOf(rows: readonly Float64Array[], factor: number): Float64Array {
  const sum = new Float64Array(elementAt(rows, 0).length);
  for (const row of rows) addTo(sum, row);
  return sum.map((value) => value * factor);
}
