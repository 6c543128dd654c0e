const ZIP_EXTENSIONS: ReadonlySet<string> = new Set(['.cbz', '.zip']);
/** Other archives of comics. Many are ZIP archives all the same: readers look at the content, so that nobody notices. */
const COMIC_EXTENSIONS: ReadonlySet<string> = new Set(['.cbr', '.cb7', '.cbt', '.cba']);

/** Books in containers that are not read, by their extensions. */
const OTHER_CONTAINERS: ReadonlyMap<string, string> = new Map([
  ['.rar', 'RAR'],
  ['.7z', '7z'],
  ['.tar', 'TAR'],
  ['.tgz', 'TAR'],
  ['.ace', 'ACE'],
  ['.epub', 'EPUB'],
  ['.mobi', 'MOBI'],
  ['.djvu', 'DjVu'],
  ['.pdf', 'PDF'],
]);

/** The first bytes of containers, whatever their files are called. */
const SIGNATURES: readonly { readonly container: string; readonly offset: number; readonly bytes: Buffer }[] = [
  { container: 'ZIP', offset: 0, bytes: Buffer.from('PK\x03\x04', 'latin1') },
  // An archive without files
  { container: 'ZIP', offset: 0, bytes: Buffer.from('PK\x05\x06', 'latin1') },
  { container: 'RAR', offset: 0, bytes: Buffer.from('Rar!\x1a\x07', 'latin1') },
  { container: '7z', offset: 0, bytes: Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1') },
  { container: 'PDF', offset: 0, bytes: Buffer.from('%PDF-', 'latin1') },
  { container: 'TAR', offset: 257, bytes: Buffer.from('ustar', 'latin1') },
  { container: 'gzip', offset: 0, bytes: Buffer.from('\x1f\x8b', 'latin1') },
];

export function isZipExtension(extension: string): boolean {
  return ZIP_EXTENSIONS.has(extension);
}

/** Whether a file may be a ZIP archive of pages. */
export function mayBeZip(extension: string): boolean {
  return isZipExtension(extension) || COMIC_EXTENSIONS.has(extension);
}

/** The container of a file that is a book by its extension, but none that is read. */
export function unsupportedContainer(extension: string): string | undefined {
  return OTHER_CONTAINERS.get(extension);
}

export function containerBySignature(start: Buffer): string | undefined {
  return SIGNATURES.find(({ offset, bytes }) => start.subarray(offset, offset + bytes.length).equals(bytes))?.container;
}

export function describeUnsupported(container: string): string {
  return `${container} is not read: repack it as CBZ, which is a ZIP archive`;
}
