export interface UserPicture {
  readonly name: string;
  /** For showing it */
  readonly url: string;
  /** For sending it */
  readonly dataUri: string;
}

const MAX_PICTURES = 20;
/** The pictures that were dropped since the page was opened, by the key that stands for each in an address. */
const pictures = new Map<string, UserPicture>();

/** Keeps a picture in the browser, so that the back button finds it again. @returns its key */
export async function keepPicture(file: File): Promise<string> {
  const dataUri = await readDataUri(file);
  const key = Math.random().toString(36).slice(2, 10);
  pictures.set(key, { name: file.name, url: URL.createObjectURL(file), dataUri });
  const [oldest] = pictures.keys();
  if (pictures.size > MAX_PICTURES && oldest !== undefined) {
    URL.revokeObjectURL(pictures.get(oldest)?.url ?? '');
    pictures.delete(oldest);
  }
  return key;
}

/** The picture of a key; undefined after the page was loaded again, and for whoever was sent the address. */
export function findPicture(key: string): UserPicture | undefined {
  return pictures.get(key);
}

/** The first picture of what was dropped or pasted. */
export function pictureIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith('image/'));
}

function readDataUri(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(`The picture ${file.name} could not be read.`));
    reader.readAsDataURL(file);
  });
}
