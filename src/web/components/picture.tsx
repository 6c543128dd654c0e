import { useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/api-error.ts';
import { useAccess } from '../api/use-access.ts';
import { useNearWindow } from './use-near-window.ts';
import { useObjectUrl } from './use-object-url.ts';

interface PictureProps {
  readonly src: string;
  /** The same picture in several widths, and how wide it is shown */
  readonly srcset?: string;
  readonly sizes?: string;
  readonly alt: string;
  readonly loading?: 'lazy' | 'eager';
}

/** A picture of the service; a line of text stands in its place where the file has moved. */
export function Picture(props: PictureProps) {
  const { key } = useAccess();
  return key === undefined ? <PlainPicture {...props} /> : <FetchedPicture key={props.src} {...props} />;
}

function PlainPicture({ src, srcset, sizes, alt, loading = 'lazy' }: PictureProps) {
  const [missingSrc, setMissingSrc] = useState<string>();
  if (missingSrc === src) return <MissingPicture alt={alt} />;
  return (
    <img
      class="picture"
      loading={loading}
      sizes={sizes}
      srcset={srcset}
      src={src}
      alt={alt}
      decoding="async"
      onError={() => setMissingSrc(src)}
    />
  );
}

/** An `img` sends no key, so the picture is fetched, and shown from memory. */
function FetchedPicture({ src, alt, loading = 'lazy' }: PictureProps) {
  const ref = useRef<HTMLImageElement>(null);
  const isNear = useNearWindow(ref);
  const { url, error } = useObjectUrl(src, isNear || loading === 'eager');
  if (error !== undefined) {
    const hasMoved = error instanceof ApiError && error.status === 404;
    return <MissingPicture alt={alt} reason={hasMoved || !(error instanceof Error) ? undefined : error.message} />;
  }
  return <img ref={ref} class="picture" src={url} alt={alt} decoding="async" />;
}

interface MissingPictureProps {
  readonly alt: string;
  readonly reason?: string;
}

function MissingPicture({ alt, reason = 'The picture is not there any more' }: MissingPictureProps) {
  return (
    <span class="picture picture-missing" role="img" aria-label={`${alt} (${reason})`}>
      {reason}
    </span>
  );
}
