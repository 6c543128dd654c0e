import path from 'node:path';
import type { OptionalImageFormat } from '../../preprocess/image/image-format.ts';
import { mayBeZip, unsupportedContainer } from '../archives/archive-kinds.ts';

const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(['.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.avif']);
const OPTIONAL_EXTENSIONS: Readonly<Record<string, OptionalImageFormat>> = {
  '.gif': 'gif',
  '.tif': 'tiff',
  '.tiff': 'tiff',
};
/** Formats of pages that are never read. Formats of drawing programs, which lie beside the pages, are not among them. */
const OTHER_IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(['.bmp', '.jxl', '.heic', '.heif', '.jp2', '.tga']);

/** What operating systems and storage devices leave in folders and archives; some of it looks like pages. */
const SYSTEM_NAMES: ReadonlySet<string> = new Set([
  '__macosx',
  'thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  '@eadir',
  '#recycle',
  '$recycle.bin',
  'system volume information',
  'lost+found',
]);

/** Names that begin with a dot, and those of operating systems. */
export function isHiddenName(name: string): boolean {
  // In the paths of archives, two dots are no name.
  return (name.startsWith('.') && name !== '..') || SYSTEM_NAMES.has(name.toLowerCase());
}

export function extensionOf(name: string): string {
  return path.posix.extname(name).toLowerCase();
}

/** The name without its extension. */
export function stemOf(name: string): string {
  return name.slice(0, name.length - path.posix.extname(name).length);
}

/** Whether a file with an extension is a book in a container, which may be one that is not read. */
export function isBookExtension(extension: string): boolean {
  return mayBeZip(extension) || unsupportedContainer(extension) !== undefined;
}

/** Whether a file with an extension is a page: `true`, `false`, or why it is one that cannot be read. */
export function isPageExtension(extension: string, formats: readonly OptionalImageFormat[]): boolean | string {
  if (IMAGE_EXTENSIONS.has(extension)) return true;
  if (OTHER_IMAGE_EXTENSIONS.has(extension)) return `${extension} is not read: convert it to PNG, JPEG, WebP or AVIF`;
  const format = Object.hasOwn(OPTIONAL_EXTENSIONS, extension) ? OPTIONAL_EXTENSIONS[extension] : undefined;
  if (format === undefined) return false;
  return formats.includes(format) || `${extension} is read only if dataset.images.formats has "${format}"`;
}
