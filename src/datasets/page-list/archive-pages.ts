import type { FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { firstLine } from '../../errors.ts';
import { comparePathsNaturally } from '../../util/natural-order.ts';
import { mayBeZip, unsupportedContainer } from '../archives/archive-kinds.ts';
import { type ListedMember, listMembers, readMember } from '../archives/zip-members.ts';
import type { Dataset } from '../dataset-spec.ts';
import { COMIC_INFO_NAME, MAX_COMIC_INFO_BYTES } from './comic-info.ts';
import { applyComicInfo, type Found, type FoundPage, isComicInfo, isFoundPage } from './found-page.ts';
import { extensionOf, isHiddenName, isPageExtension, stemOf } from './page-file-names.ts';
import type { PageFileCounter } from './page-files-report.ts';

export interface ArchivePlace {
  readonly handle: FileHandle;
  readonly path: string;
  /** Its path below the folder of pages, for messages */
  readonly file: string;
  /** What the ids of its pages begin with */
  readonly id: string;
}

interface NamedMember extends ListedMember {
  /** The path without what says nothing, such as ./ */
  readonly path: string;
}

/**
 * Finds the pages in an archive, in natural order. Archives in the archive are not opened.
 * @throws ArchiveError if it cannot be read; the system's errors
 */
export async function findArchivePages(
  archive: ArchivePlace,
  { encoding, images }: Pick<Dataset, 'encoding' | 'images'>,
  counter: PageFileCounter,
): Promise<Found[]> {
  const members = (await listMembers(archive.handle, encoding))
    .map((member): NamedMember => ({ ...member, path: tidyPath(member.name) }))
    .toSorted((a, b) => comparePathsNaturally(stemOf(a.path), stemOf(b.path)) || comparePathsNaturally(a.path, b.path));
  for (const note of new Set(members.map((member) => member.note))) if (note !== null) counter.note(note, archive.file);
  const found: Found[] = [];
  const comicInfos: NamedMember[] = [];
  for (const member of members) {
    const extension = extensionOf(member.path);
    const page = isPageExtension(extension, images.formats);
    if (member.path.split('/').some(isHiddenName)) counter.ignore('hidden');
    else if (isComicInfo(posix.basename(member.path))) comicInfos.push(member);
    else if (page !== false) found.push(toPage(archive, member, page === true ? null : page));
    else if (mayBeZip(extension) || unsupportedContainer(extension) !== undefined) {
      const detail = `${archive.file}/${member.path}: an archive in an archive is not read: unpack the outer one`;
      found.push({ id: toId(archive, member), reason: 'unsupported_archive', detail });
    } else counter.ignore(extension || 'no extension');
  }
  const pages = found.filter(isFoundPage);
  if (pages.length === 0 && found.length === 0)
    return [{ id: archive.id, reason: 'no_pages', detail: `${archive.file} has no images` }];
  await applyComicInfos(archive, comicInfos, pages, counter);
  return found;
}

function toPage(
  archive: ArchivePlace,
  { path, problem, note, ...member }: NamedMember,
  formatProblem: string | null,
): FoundPage {
  const file = `${archive.file}/${path}`;
  const page = { id: toId(archive, { path }), file, type: null };
  if (formatProblem !== null)
    return { ...page, image: { reason: 'unsupported_format', detail: `${file}: ${formatProblem}` } };
  if (problem !== null) return { ...page, image: { reason: 'bad_archive', detail: `${file}: ${problem}` } };
  return { ...page, image: { path: archive.path, member } };
}

function toId({ id }: ArchivePlace, { path }: Pick<NamedMember, 'path'>): string {
  return `${id}/${stemOf(path)}`.normalize('NFC');
}

function tidyPath(name: string): string {
  const segments = name.split('/');
  return segments.filter((segment) => segment !== '' && segment !== '.').join('/');
}

/** Applies the ComicInfo.xml of each folder to the pages below it, the innermost first: it knows its pages best. */
async function applyComicInfos(
  { handle, file }: ArchivePlace,
  comicInfos: readonly NamedMember[],
  pages: readonly FoundPage[],
  counter: PageFileCounter,
): Promise<void> {
  for (const member of comicInfos.toSorted((a, b) => b.path.length - a.path.length)) {
    const folder = `${file}/${member.path.slice(0, -COMIC_INFO_NAME.length)}`;
    const book = pages.filter((page) => page.file.startsWith(folder));
    const where = `${file}/${member.path}`;
    try {
      if (member.problem !== null) throw new Error(member.problem);
      if (member.bytes > MAX_COMIC_INFO_BYTES)
        throw new Error(`it has ${member.bytes} bytes, over ${MAX_COMIC_INFO_BYTES}`);
      applyComicInfo(await readMember(handle, member), book, where, counter);
    } catch (error) {
      counter.note('comic_info_unreadable', where, firstLine(error));
    }
  }
}
