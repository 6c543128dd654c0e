import { getPanel, type PanelDetails } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorMessage } from '../../components/error-message.tsx';
import { GateBar } from '../../components/gate-bar.tsx';
import { Loading } from '../../components/loading.tsx';
import { pageName, panelNumber } from '../../components/panel-names.ts';
import { PagePicture } from './page-picture.tsx';

interface PanelDialogProps {
  readonly collection: string;
  readonly id: string;
  readonly hrefOf: (id: string) => string;
  readonly onClose: () => void;
  readonly onMore: (list: 'positive' | 'negative', id: string) => void;
}

/** A panel on its page, with its neighbours and what its vector is made of. */
export function PanelDialog({ collection, id, hrefOf, onClose, onMore }: PanelDialogProps) {
  const { data: panel, error } = useRequest((signal) => getPanel(collection, id, signal), [collection, id]);
  const title = panel ? `${panel.book}, ${pageName(panel)}, panel ${panelNumber(panel)}` : 'Panel';
  return (
    <Dialog title={title} onClose={onClose}>
      {error !== undefined && <ErrorMessage error={error} />}
      {!panel && error === undefined && <Loading label="The panel is loading" />}
      {panel && (
        <div class="panel-details">
          <div>
            <PagePicture panel={panel} hrefOf={hrefOf} />
            <PageLinks page={panel.page} hrefOf={hrefOf} />
          </div>
          <div>
            <div class="panel-actions">
              <button type="button" onClick={() => onMore('positive', panel.id)}>
                More like this
              </button>
              <button type="button" class="secondary outline" onClick={() => onMore('negative', panel.id)}>
                Not like this
              </button>
            </div>
            <Facts panel={panel} />
          </div>
        </div>
      )}
    </Dialog>
  );
}

function PageLinks({ page, hrefOf }: { readonly page: PanelDetails['page']; readonly hrefOf: (id: string) => string }) {
  const { previous, next } = page;
  return (
    <nav class="page-links" aria-label="Pages beside this one">
      {previous ? <a href={hrefOf(previous.panel_id)}>← Page before</a> : <span />}
      {next && <a href={hrefOf(next.panel_id)}>Next page →</a>}
    </nav>
  );
}

function Facts({ panel }: { readonly panel: PanelDetails }) {
  const { page, text, gate } = panel;
  return (
    <dl class="panel-facts">
      <dt>Words</dt>
      <dd>{text ? <q>{text}</q> : <span class="hint">None</span>}</dd>
      {page.summary !== '' && (
        <>
          <dt>The page</dt>
          <dd>{page.summary}</dd>
        </>
      )}
      <dt>Page type</dt>
      <dd>{page.page_type}</dd>
      {gate && (
        <>
          <dt>What its vector is made of</dt>
          <dd>
            <GateBar gate={gate} />
          </dd>
        </>
      )}
      <dt>Id</dt>
      <dd>
        <code>{panel.id}</code>
      </dd>
    </dl>
  );
}
