import { useRef } from 'preact/hooks';

interface PageSourceProps {
  readonly hasPage: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** Takes a picture of a page, and a panel file of it. */
export function PageSource({ hasPage, onFiles }: PageSourceProps) {
  return (
    <div class="page-source">
      <FileButton accept="image/*" onFiles={onFiles}>
        {hasPage ? 'Choose another page' : 'Choose the picture of a page'}
      </FileButton>
      {hasPage && (
        <FileButton accept=".json,application/json" onFiles={onFiles}>
          Load a panel file
        </FileButton>
      )}
    </div>
  );
}

interface FileButtonProps {
  readonly accept: string;
  readonly children: preact.ComponentChildren;
  readonly onFiles: (files: readonly File[]) => void;
}

function FileButton({ accept, children, onFiles }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="secondary outline" onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // The same file can be chosen again.
          currentTarget.value = '';
          onFiles(files);
        }}
      />
    </>
  );
}
