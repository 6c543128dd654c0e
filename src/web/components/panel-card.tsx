import type { ComponentChildren } from 'preact';
import type { Panel } from '../api/collections.ts';
import './panel-grid.css';
import { pageName, panelAlt, panelNumber, pictureUrl } from './panel-names.ts';
import { Picture } from './picture.tsx';

/** Bounds of how narrow and how wide a card gets; the picture is shown whole in it. */
const MIN_ASPECT = 0.8;
const MAX_ASPECT = 3.4;
/** The rows of a search do not tell how large a page is; most are about as narrow as this. */
const PAGE_ASPECT = 0.72;
/** About how high a row of `panel-grid` gets */
const CARD_HEIGHT_REM = 14;

interface PanelCardProps {
  readonly panel: Panel;
  readonly href: string;
  readonly score?: number;
  /** Shows the whole page in place of the panel */
  readonly showsPage?: boolean;
  /** Pictures at the top of the page are `eager`: nobody has to scroll to them */
  readonly loading?: 'lazy' | 'eager';
  /** Below the caption, outside the link */
  readonly children?: ComponentChildren;
}

/** A panel in a list with the class `panel-grid`: its picture, its place, its text. */
export function PanelCard({ panel, href, score, showsPage = false, loading, children }: PanelCardProps) {
  const [, , width = 1, height = 1] = panel.box;
  const aspect = showsPage ? PAGE_ASPECT : Math.min(MAX_ASPECT, Math.max(MIN_ASPECT, width / height)) || 1;
  const url = showsPage ? panel.page_url : panel.image_url;
  return (
    <li class="panel-card" style={{ '--aspect': aspect.toFixed(3) }}>
      <a href={href}>
        <Picture
          src={pictureUrl(url, 640)}
          srcset={`${pictureUrl(url, 320)} 320w, ${pictureUrl(url, 640)} 640w`}
          sizes={`${Math.round(aspect * CARD_HEIGHT_REM)}rem`}
          alt={panelAlt(panel)}
          loading={loading}
        />
        <span class="panel-caption" aria-hidden="true">
          <span class="panel-caption-place">
            <span title={panel.book}>{panel.book}</span>
            {score !== undefined && (
              <span class="panel-score" title="How near it is to the query: 1 is the same">
                {score.toFixed(2)}
              </span>
            )}
          </span>
          <span class="panel-caption-page">
            {pageName(panel)} · panel {panelNumber(panel)}
          </span>
          {panel.text && <span class="panel-caption-text">{panel.text}</span>}
        </span>
        {score !== undefined && <span class="visually-hidden">, score {score.toFixed(2)}</span>}
      </a>
      {children}
    </li>
  );
}
