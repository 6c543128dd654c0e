import { useEffect, useRef, useState } from 'preact/hooks';
import type { Collection } from '../../api/collections.ts';
import { Filters } from './filters.tsx';
import { QueryChips } from './query-chips.tsx';
import type { SearchQuery } from './search-query.ts';
import { findPicture, pictureIn } from './user-pictures.ts';

interface QueryFormProps {
  readonly query: SearchQuery;
  readonly collections: readonly Collection[];
  readonly onChange: (change: Partial<SearchQuery>) => void;
  readonly onPicture: (file: File | undefined) => void;
}

/** Words, a picture, how much each counts, and the filters. */
export function QueryForm({ query, collections, onChange, onPicture }: QueryFormProps) {
  const [text, setText] = useState(query.text);
  useEffect(() => setText(query.text), [query.text]);
  usePastedPicture(onPicture);
  const picture = findPicture(query.picture);
  return (
    <search>
      <form
        class="query-form"
        onSubmit={(event) => {
          event.preventDefault();
          onChange({ text: text.trim() });
        }}
      >
        <div class="query-bar">
          <label class="visually-hidden" for="query-text">
            What the panel shows or says
          </label>
          <input
            id="query-text"
            type="search"
            placeholder="What the panel shows or says"
            autoComplete="off"
            enterKeyHint="search"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <PictureButton onPicture={onPicture} />
          <button type="submit">Search</button>
        </div>
        {picture && (
          <div class="query-picture">
            <img src={picture.url} alt="The one you search by" />
            <div>
              <p>
                {picture.name || 'Your picture'}{' '}
                <button type="button" class="link-button" onClick={() => onChange({ picture: '' })}>
                  Remove
                </button>
              </p>
              <p class="hint">
                It stays in this browser: the address of this search holds everything but your picture.
              </p>
              {query.text !== '' && (
                <PictureShare share={query.pictureShare} onChange={(pictureShare) => onChange({ pictureShare })} />
              )}
            </div>
          </div>
        )}
        {query.picture !== '' && !picture && (
          <p class="message message-note" role="status">
            This search was made with a picture, which is not in the address. Drop the picture here again, or{' '}
            <button type="button" class="link-button" onClick={() => onChange({ picture: '' })}>
              search without it
            </button>
            .
          </p>
        )}
        <QueryChips query={query} onChange={onChange} />
        <Filters query={query} collections={collections} onChange={onChange} />
      </form>
    </search>
  );
}

function PictureButton({ onPicture }: { readonly onPicture: (file: File | undefined) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (file) onPicture(file);
        }}
      />
      <button type="button" class="secondary outline" onClick={() => input.current?.click()}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path
            d="M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linejoin="round"
            stroke-linecap="round"
          />
        </svg>
        Picture
      </button>
    </>
  );
}

function PictureShare({ share, onChange }: { readonly share: number; readonly onChange: (share: number) => void }) {
  return (
    <label class="picture-share">
      <span>words</span>
      <input
        type="range"
        min={5}
        max={95}
        step={5}
        defaultValue={String(share)}
        aria-label="How much the picture counts beside the words"
        aria-valuetext={`picture ${share} %, words ${100 - share} %`}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
      />
      <span>picture</span>
    </label>
  );
}

/** A picture may be pasted anywhere on the page. */
function usePastedPicture(onPicture: (file: File | undefined) => void): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = pictureIn(event.clipboardData);
      if (!file) return;
      event.preventDefault();
      onPicture(file);
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, [onPicture]);
}
