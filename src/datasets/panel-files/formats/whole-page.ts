import type { FilePanel, FilePanels } from '../file-panels.ts';
import { NO_WORDS } from '../panel-file-text.ts';

/** The panel that covers its page. */
export function wholePagePanel(): FilePanel {
  const layout = { scale: 1, order: 'xyxy' } as const;
  return {
    index: 0,
    box: { form: 'detected', layout, numbers: [0, 0, 1, 1] },
    number: null,
    words: NO_WORDS,
    notes: [],
  };
}

/** The panels of a page of which nothing is known: the page is one panel without text. */
export function readWholePage(): FilePanels {
  return { entries: [wholePagePanel()], overallSummary: '', declaredSize: null, textBoxes: [], notes: [] };
}
