import { escapeHtml } from '../../report/escape-html.ts';

const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  ['stored', 'the vector of picture, lettering and composition: what a pipeline keeps of a panel'],
  [
    'snapshot',
    'the picture of a panel cut tighter, made 160 pixels wide and compressed strongly, as a photo of it may be',
  ],
  ['lettering, description', 'the text on a panel; a sentence about it that a person could search with'],
  ['composition', 'seven numbers that say where a panel is on its page'],
  ['recall@k', 'the share of queries whose right panel is among the k nearest'],
  ['MRR', 'mean reciprocal rank: 1 if the right panel is always the nearest, 0.5 if it is always the second'],
  ['median rank', 'half of the queries find the right panel at this rank or before'],
  ['chance', 'what a random order of the panels would give'],
  ['interval', 'the values in brackets: 95 of 100 such intervals hold the true value (bootstrap)'],
  ['sign test', 'how likely so uneven a split of better and worse panels is, if neither contender were better'],
  ['near-duplicate', 'a panel whose picture is nearly that of an earlier one; finding it is not counted as a mistake'],
  [
    'nearest panel of the same page, book',
    'the share of stored panels whose nearest other panel is of their page or book',
  ],
  ['silhouette', 'how much nearer panels are to their own cluster than to the next one, from -1 to 1'],
  ['NMI', 'normalised mutual information: how much a cluster tells of the book (or page), from 0 to 1'],
  ['ARI', 'adjusted Rand index: how well clusters and books (or pages) agree; 0 is chance, 1 is perfect'],
  ['R²', 'the share of the variance of a layout that a regression predicts from the vector; 0 or less is none'],
  ['gate', 'the weights with which the head mixes the vectors of picture, text and composition'],
  ['first version', 'the model before Stage 3: its gate is fed zeros for what a panel lacks'],
  ['original fusion', 'the fusion of the first implementation of Stage 3'],
  ['raw features', 'the features of the frozen encoders side by side, without any training'],
];

/** A line for each measure and term. */
export function glossarySection(): string {
  const entries = TERMS.map(([term, meaning]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(meaning)}</dd>`);
  return `<dl>${entries.join('\n')}</dl>`;
}
