import { useState } from 'preact/hooks';
import type { ModelListResponse } from '../../../http/routes/service/model-schemas.ts';
import { ApiError } from '../../api/api-error.ts';
import { getJson } from '../../api/client.ts';
import { useRequest } from '../../api/use-request.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorMessage } from '../../components/error-message.tsx';
import { BoxEditor } from './box-editor.tsx';
import type { PagePicture } from './drawn-page.ts';
import { PageSource } from './page-source.tsx';
import { PanelFields } from './panel-fields.tsx';
import { TryResults } from './try-results.tsx';
import { useTriedPage } from './use-tried-page.ts';
import './try.css';

/** A box that is added by keyboard covers the middle of the page. */
const ADDED_BOX_FRACTION = 0.5;
const PANEL_PARAM = /^panels\[(\d+)\]/;

/** A page picture with boxes, drawn by hand or from a panel file, and the vectors of its panels. */
export function TryView() {
  const tried = useTriedPage();
  const [isDropping, setDropping] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files can also be chosen by buttons
    <div
      class={isDropping ? 'try-view is-dropping' : 'try-view'}
      onDragOver={(event) => {
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDropping(false);
        void tried.takeFiles([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <h1>Try</h1>
      <PageSource hasPage={tried.picture !== undefined} onFiles={tried.takeFiles} />
      {tried.picture ? (
        <TriedPage picture={tried.picture} tried={tried} />
      ) : (
        <>
          {tried.error !== undefined && <ErrorMessage error={tried.error} />}
          <EmptyState title="See what a model makes of a page">
            <p>
              Drop the picture of a comic page here, or choose it. Then draw a box around each panel, or load a panel
              file, and look at the vectors. The picture goes to this service alone.
            </p>
          </EmptyState>
        </>
      )}
    </div>
  );
}

interface TriedPageProps {
  readonly picture: PagePicture;
  readonly tried: ReturnType<typeof useTriedPage>;
}

function TriedPage({ picture, tried }: TriedPageProps) {
  const { panels, panelFile, hasLeftFile, result, error, isSending } = tried;
  const [selectedKey, setSelectedKey] = useState<number>();
  const [isTouchDrawing, setTouchDrawing] = useState(false);
  const addInMiddle = () => {
    const [width, height] = [picture.width * ADDED_BOX_FRACTION, picture.height * ADDED_BOX_FRACTION].map(Math.round);
    if (width === undefined || height === undefined) return;
    const place = (whole: number, part: number) => Math.round((whole - part) / 2);
    setSelectedKey(tried.add([place(picture.width, width), place(picture.height, height), width, height]).key);
  };
  return (
    <>
      <div class="try-page">
        <div>
          <BoxEditor
            page={picture}
            panels={panels}
            selectedKey={selectedKey}
            isTouchDrawing={isTouchDrawing}
            onSelect={setSelectedKey}
            onAdd={(box) => setSelectedKey(tried.add(box).key)}
            onChange={(key, box) => {
              const panel = panels.find((other) => other.key === key);
              if (panel) tried.change({ ...panel, box });
            }}
            onRemove={tried.remove}
          />
          <label class="touch-switch">
            <input
              type="checkbox"
              checked={isTouchDrawing}
              onChange={({ currentTarget }) => setTouchDrawing(currentTarget.checked)}
            />
            Draw with the finger
          </label>
        </div>
        <div>
          <p>
            {panels.length === 0
              ? 'Draw a box on the page from corner to corner, or add one here and move it.'
              : `${panels.length} ${panels.length === 1 ? 'panel' : 'panels'}. A box with the focus is moved by arrow keys.`}
          </p>
          {panelFile && <p class="muted">The panels of {panelFile.name}, as it was saved.</p>}
          {hasLeftFile && (
            <p class="muted">
              The panels were changed: boxes are now sent in pixels, without other fields of the file.
            </p>
          )}
          <div class="try-buttons">
            <button type="button" class="secondary outline" onClick={addInMiddle}>
              Add a box
            </button>
            {panels.length > 0 && (
              <button type="button" class="secondary outline" onClick={tried.clear}>
                Remove all
              </button>
            )}
          </div>
          <PanelFields
            page={picture}
            panels={panels}
            selectedKey={selectedKey}
            errors={panelErrors(error)}
            onChange={tried.change}
            onRemove={tried.remove}
          />
          <ModelChoice model={tried.model} onChange={tried.setModel} />
          {error !== undefined && <ErrorMessage error={error} />}
          <button type="button" aria-busy={isSending} disabled={isSending || panels.length === 0} onClick={tried.embed}>
            Embed the panels
          </button>
        </div>
      </div>
      <div aria-live="polite">
        {result && (
          <TryResults page={picture} panels={result.panels} response={result.response} command={result.command} />
        )}
      </div>
    </>
  );
}

interface ModelChoiceProps {
  readonly model: string | undefined;
  readonly onChange: (model: string) => void;
}

function ModelChoice({ model, onChange }: ModelChoiceProps) {
  const { data } = useRequest((signal) => getJson<ModelListResponse>('/v1/models', { signal }), []);
  const models = data?.data.filter(({ served }) => served) ?? [];
  if (models.length < 2) return null;
  return (
    <label>
      Model
      <select value={model ?? models[0]?.id} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {models.map(({ id }) => (
          <option key={id}>{id}</option>
        ))}
      </select>
    </label>
  );
}

/** The message of an error beside the panel that it names. */
function panelErrors(error: unknown): ReadonlyMap<number, string> {
  const match = error instanceof ApiError ? PANEL_PARAM.exec(error.param ?? '') : null;
  return new Map(match && error instanceof Error ? [[Number(match[1]), error.message]] : []);
}
