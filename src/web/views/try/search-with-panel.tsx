import { useState } from 'preact/hooks';
import { navigate, routeHref } from '../../app/route.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { keepPicture } from '../search/user-pictures.ts';
import type { DrawnPanel, PagePicture } from './drawn-page.ts';

const QUALITY = 0.92;

interface SearchWithPanelProps {
  readonly page: PagePicture;
  readonly panel: DrawnPanel;
  readonly number: number;
}

/** Opens the search with the picture of a panel. */
export function SearchWithPanel({ page, panel, number }: SearchWithPanelProps) {
  const [error, setError] = useState<unknown>();
  const search = async () => {
    try {
      navigate(routeHref('search', [], { picture: await keepPicture(await cutPanel(page, panel, number)) }));
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <>
      <button type="button" class="secondary outline" onClick={search}>
        Search with panel {number}
      </button>
      {error !== undefined && <ErrorMessage error={error} />}
    </>
  );
}

async function cutPanel({ file }: PagePicture, { box }: DrawnPanel, number: number): Promise<File> {
  const [x, y, width, height] = box;
  const bitmap = await createImageBitmap(file, x, y, width, height);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
  if (blob === null) throw new Error(`The picture of panel ${number} could not be cut out.`);
  return new File([blob], `panel ${number} of ${file.name}`, { type: blob.type });
}
