import { openUpright } from './decode-image.ts';
import { decodeRegion } from './decode-region.ts';
import { type ImageFile, unreadableImage } from './open-image.ts';
import { type Crop, fromRaster } from './resize-crop.ts';

/** Lines and letters keep their colours at 4:4:4. WebP has a third fewer bytes, and takes ten times as long. */
const JPEG_OPTIONS = { quality: 85, chromaSubsampling: '4:4:4' } as const;
/** The page of a strip has no more rows, whatever its width. */
const MAX_HEIGHT = 16_384;

/**
 * Encodes a page, or a crop of it, as a JPEG for people to look at. It may be made smaller, but never larger.
 * @param crop null for the whole page, which is then decoded row by row
 * @throws PanelvecError image_unreadable
 */
export async function encodeJpeg(
  image: ImageFile,
  crop: Crop | null,
  maxWidth: number = Number.MAX_SAFE_INTEGER,
): Promise<Buffer> {
  const pixels = crop === null ? openUpright(image) : fromRaster(await decodeRegion(image, crop));
  const { width, height } = crop === null ? image : { width: crop.right - crop.left, height: crop.bottom - crop.top };
  const scale = Math.min(1, maxWidth / width, MAX_HEIGHT / height);
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  try {
    return await pixels
      .resize({ ...size, fit: 'fill' })
      .jpeg(JPEG_OPTIONS)
      .toBuffer();
  } catch (cause) {
    throw unreadableImage(cause);
  }
}
