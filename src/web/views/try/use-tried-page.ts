import { useState } from 'preact/hooks';
import type { PageResponse } from '../../../http/routes/embeddings/page-response.ts';
import { getAccessState } from '../../api/access-store.ts';
import { postJson } from '../../api/client.ts';
import {
  type Box,
  type DrawnPanel,
  makePanel,
  openPagePicture,
  type PagePicture,
  type PanelFile,
} from './drawn-page.ts';
import { toCurl, toForm, toPath } from './page-request.ts';
import { panelsOfFile, readPanelFile } from './read-panel-file.ts';

interface Result {
  readonly response: PageResponse;
  /** The panels that it is about */
  readonly panels: readonly DrawnPanel[];
  readonly command: string;
}

interface State {
  readonly picture: PagePicture | undefined;
  readonly panels: readonly DrawnPanel[];
  readonly panelFile: PanelFile | undefined;
  /** Said when a panel file was changed here */
  readonly hasLeftFile: boolean;
  readonly model: string | undefined;
  readonly result: Result | undefined;
  readonly error: unknown;
  readonly isSending: boolean;
}

const START: State = {
  picture: undefined,
  panels: [],
  panelFile: undefined,
  hasLeftFile: false,
  model: undefined,
  result: undefined,
  error: undefined,
  isSending: false,
};
/** It outlives a look at another view. */
let keptState = START;

/** A page with boxes, and what the service makes of it. */
export function useTriedPage() {
  const [state, setShownState] = useState(keptState);
  const setState = (change: Partial<State>) => {
    keptState = { ...keptState, ...change };
    setShownState(keptState);
  };

  const embed = async () => {
    const { picture, panels, panelFile, model } = keptState;
    if (picture === undefined) return;
    setState({ isSending: true, error: undefined });
    const page = { picture, panels, panelFile, model };
    try {
      const response = await postJson<PageResponse>(toPath(page), toForm(page));
      // Somebody has chosen another page meanwhile.
      if (keptState.picture !== picture) return;
      const [item] = response.data;
      const read = panelFile && item ? panelsOfFile(panelFile, item) : panels;
      const command = toCurl(page, location.origin, { hasKey: getAccessState().key !== undefined });
      setState({ isSending: false, panels: read, result: { response, panels: read, command } });
    } catch (error) {
      setState({ isSending: false, error, result: undefined });
    }
  };

  const setPanels = (panels: readonly DrawnPanel[]) =>
    setState({
      panels,
      panelFile: undefined,
      hasLeftFile: keptState.hasLeftFile || keptState.panelFile !== undefined,
      error: undefined,
    });

  const takeFiles = async (files: readonly File[]) => {
    const isJson = ({ name, type }: File) => type === 'application/json' || /\.json$/i.test(name);
    const pictureFile = files.find((file) => !isJson(file));
    const panelsFile = files.find(isJson);
    try {
      if (pictureFile) {
        const picture = await openPagePicture(pictureFile);
        if (keptState.picture) URL.revokeObjectURL(keptState.picture.url);
        setState({ ...START, model: keptState.model, picture });
      }
      if (panelsFile === undefined) return;
      if (keptState.picture === undefined)
        throw new Error('Choose the picture of the page first, then its panel file.');
      setState({ panelFile: await readPanelFile(panelsFile), hasLeftFile: false, panels: [], result: undefined });
      await embed();
    } catch (error) {
      setState({ error });
    }
  };

  return {
    ...state,
    embed,
    takeFiles,
    setModel: (model: string) => setState({ model }),
    add(box: Box): DrawnPanel {
      const panel = makePanel(box);
      setPanels([...keptState.panels, panel]);
      return panel;
    },
    change: (panel: DrawnPanel) =>
      setPanels(keptState.panels.map((other) => (other.key === panel.key ? panel : other))),
    remove: (key: number) => setPanels(keptState.panels.filter((panel) => panel.key !== key)),
    clear: () => setPanels([]),
  };
}
