import type { PageResponse } from '../../../http/routes/embeddings/page-response.ts';
import { toWords } from '../../components/format-values.ts';
import { GateBar } from '../../components/gate-bar.tsx';
import { CosineTable } from './cosine-table.tsx';
import { CurlCommand } from './curl-command.tsx';
import type { DrawnPanel, PagePicture } from './drawn-page.ts';
import type { Output } from './page-request.ts';
import { SearchWithPanel } from './search-with-panel.tsx';
import { VectorStrip } from './vector-strip.tsx';

type PageItem = PageResponse['data'][number];

const PARTS: readonly Output[] = ['vision', 'text', 'composition'];
const PART_NAMES = {
  fused: 'Whole panel',
  vision: 'Picture',
  text: 'Words',
  composition: 'Place on the page',
} as const;

interface TryResultsProps {
  readonly page: PagePicture;
  readonly panels: readonly DrawnPanel[];
  readonly response: PageResponse;
  readonly command: string;
}

/** What the model makes of the panels of a page. */
export function TryResults({ page, panels, response, command }: TryResultsProps) {
  const [item] = response.data;
  if (item === undefined) return null;
  const vectors = item.panel_embeddings.filter((vector) => typeof vector !== 'string');
  return (
    <div class="try-results">
      <h2>Vectors</h2>
      <p>
        {vectors.length} {vectors.length === 1 ? 'vector' : 'vectors'} of {response.dimensions} numbers by{' '}
        {response.model}, in the space <code>{response.space}</code>. Blue is below zero, orange above.
      </p>
      <PageNotes item={item} />
      <ol class="panel-results">
        {panels.map((panel, i) => (
          <li key={panel.key}>
            <PanelResult item={item} index={i} />
            <SearchWithPanel page={page} panel={panel} number={i + 1} />
          </li>
        ))}
      </ol>
      {vectors.length > 1 && <CosineTable vectors={vectors} />}
      <CurlCommand command={command} />
    </div>
  );
}

function PageNotes({ item: { metadata } }: { readonly item: PageItem }) {
  const notes = metadata.notes.map(({ panel, note, detail }) => {
    const place = panel === undefined ? 'The page' : `Panel ${panel + 1}`;
    return `${place}: ${toWords(note).toLowerCase()}${detail ? ` (${detail})` : ''}`;
  });
  if (metadata.ignored_fields.length > 0) {
    notes.push(`Fields that have no meaning here: ${metadata.ignored_fields.join(', ')}`);
  }
  if (notes.length === 0) return null;
  return (
    <ul class="page-notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

function PanelResult({ item, index }: { readonly item: PageItem; readonly index: number }) {
  const metadata = item.metadata.panels[index];
  if (metadata === undefined) return null;
  const vectorOf = (output: Output) => {
    const vector = item.panel_outputs?.[output]?.[index];
    return Array.isArray(vector) ? vector : undefined;
  };
  const fused = vectorOf('fused');
  const { gate, backbones, truncated, unknown_text: isUnknown, unknown_tokens: unknownTokens } = metadata;
  return (
    <>
      <h3>Panel {index + 1}</h3>
      {fused && <VectorStrip label={`The vector of panel ${index + 1}`} vector={fused} />}
      {gate && <GateBar gate={gate} />}
      {backbones && (
        <p class="muted">
          {Object.entries(backbones)
            .map(([name, share]) => `${name} ${Math.round(share * 100)} %`)
            .join(', ')}{' '}
          of the picture
        </p>
      )}
      {truncated && <p class="muted">The text was longer than the model reads: its end was cut off.</p>}
      {isUnknown && <p class="muted">The model knows no word of the text, which counts as absent.</p>}
      {!isUnknown && unknownTokens > 0 && (
        <p class="muted">The model does not know {unknownTokens} pieces of the text.</p>
      )}
      <details>
        <summary>Its parts, before they are fused</summary>
        {PARTS.map((part) => {
          const vector = vectorOf(part);
          return (
            <div key={part} class="part">
              <span>{PART_NAMES[part]}</span>
              {vector ? (
                <VectorStrip label={`${PART_NAMES[part]} of panel ${index + 1}`} vector={vector} />
              ) : (
                <span class="muted">the panel has none</span>
              )}
            </div>
          );
        })}
      </details>
    </>
  );
}
