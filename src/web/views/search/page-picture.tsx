import type { PanelDetails } from '../../api/collections.ts';
import { pageName, panelNumber, pictureUrl } from '../../components/panel-names.ts';
import { Picture } from '../../components/picture.tsx';

interface PagePictureProps {
  readonly panel: PanelDetails;
  readonly hrefOf: (id: string) => string;
}

/** The page of a panel, with the boxes of its panels as links over it. */
export function PagePicture({ panel, hrefOf }: PagePictureProps) {
  const { page } = panel;
  const { width, height } = page;
  const picture = (
    <Picture src={pictureUrl(panel.page_url, 1280)} alt={`${pageName(page)} of ${page.book}`} loading="eager" />
  );
  if (width === null || height === null) return <div class="page-picture">{picture}</div>;
  return (
    <div class="page-picture" style={{ '--page-aspect': String(width / height) }}>
      {picture}
      <svg viewBox={`0 0 ${width} ${height}`}>
        <title>Panels of this page</title>
        {page.panels.map(({ id, box, text, panel: place }) => {
          const [x = 0, y = 0, boxWidth = 0, boxHeight = 0] = box;
          const isCurrent = id === panel.id;
          const name = `Panel ${panelNumber({ panel: place })}${text ? `: ${text}` : ''}`;
          return (
            <a key={id} href={hrefOf(id)} aria-current={isCurrent ? 'true' : undefined}>
              <title>{name}</title>
              <rect x={x} y={y} width={boxWidth} height={boxHeight} vector-effect="non-scaling-stroke" />
            </a>
          );
        })}
      </svg>
    </div>
  );
}
