import { open, readFile, stat } from 'node:fs/promises';
import { ArchiveError } from '../datasets/archives/archive-error.ts';
import { type ArchiveMember, readMember } from '../datasets/archives/zip-members.ts';
import { datasetSchema } from '../datasets/dataset-spec.ts';
import { DELETED } from '../datasets/page-list/comic-info.ts';
import { extensionOf, isBookExtension } from '../datasets/page-list/page-file-names.ts';
import { readPageFiles } from '../datasets/page-list/page-files.ts';
import { firstLine, PanelvecError } from '../errors.ts';

/** An image that a command is given: a file, or a page of a book. */
export interface ImageSource {
  /** The image, or the archive that holds it */
  readonly file: string;
  readonly member?: ArchiveMember;
}

const MAX_NAMED_PROBLEMS = 5;

/**
 * Lists the images that arguments stand for: a folder or a CBZ file for its pages, in natural order, and any other file for itself.
 * @throws PanelvecError naming what cannot be read: all pages of a book, or none
 */
export async function listImageSources(files: readonly string[]): Promise<ImageSource[]> {
  const sources: ImageSource[] = [];
  for (const file of files) sources.push(...((await isBook(file)) ? await listPages(file) : [{ file }]));
  return sources;
}

/** The path of an image, through the archive that holds it. */
export function nameOfSource({ file, member }: ImageSource): string {
  return member === undefined ? file : `${file}/${member.name}`;
}

/** @throws PanelvecError naming the file that cannot be read */
export async function readImageSource(source: ImageSource, maxBytes: number): Promise<Buffer> {
  const { file, member } = source;
  try {
    if (member === undefined) return await readFile(file);
    if (member.bytes > maxBytes)
      throw new PanelvecError('image_too_large', `${nameOfSource(source)} has over ${maxBytes} bytes`);
    await using handle = await open(file);
    return await readMember(handle, member);
  } catch (cause) {
    if (cause instanceof PanelvecError) throw cause;
    const code = cause instanceof ArchiveError ? 'dataset_invalid' : 'not_found';
    throw new PanelvecError(code, `cannot read ${nameOfSource(source)}: ${firstLine(cause)}`, { cause });
  }
}

async function isBook(file: string): Promise<boolean> {
  const isFolder = await stat(file).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder || isBookExtension(extensionOf(file));
}

async function listPages(book: string): Promise<ImageSource[]> {
  const pages = await readPageFiles(book, datasetSchema.parse({ pages: book }));
  const problems = pages.problems.map(({ id, reason, detail }) => detail ?? `${id}: ${reason}`);
  const sources: ImageSource[] = [];
  for (const row of pages.ids.keys()) {
    const image = pages.imageAt(row);
    if ('reason' in image) problems.push(image.detail ?? image.reason);
    else if (pages.typeAt(row) !== DELETED)
      sources.push({ file: image.path, ...(image.member && { member: image.member }) });
  }
  if (problems.length > 0) throw new PanelvecError('dataset_invalid', `${book}: ${describeProblems(problems)}`);
  if (sources.length === 0) throw new PanelvecError('dataset_invalid', `${book}: there are no images`);
  return sources;
}

function describeProblems(problems: readonly string[]): string {
  const more = problems.length - MAX_NAMED_PROBLEMS;
  return problems.slice(0, MAX_NAMED_PROBLEMS).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
