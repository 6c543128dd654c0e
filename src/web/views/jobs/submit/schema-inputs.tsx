import { useState } from 'preact/hooks';

export interface InputProps {
  readonly id: string;
  /** undefined or null while the field is absent */
  readonly value: unknown;
  /** What the service takes where the field is absent */
  readonly fallback: unknown;
  readonly isRequired: boolean;
  readonly isInvalid: boolean;
  readonly describedBy: string | undefined;
  readonly onChange: (value: unknown) => void;
}

function toAttributes({ id, isRequired, isInvalid, describedBy }: InputProps) {
  return {
    id,
    'aria-required': isRequired || undefined,
    'aria-invalid': isInvalid || undefined,
    'aria-describedby': describedBy,
  };
}

function toPlaceholder({ fallback }: InputProps): string | undefined {
  if (fallback === undefined || fallback === null || fallback === '') return undefined;
  return typeof fallback === 'object' ? JSON.stringify(fallback) : String(fallback);
}

const isAbsent = (value: unknown) => value === undefined || value === null;

/** What is no text is shown as JSON, so that nothing of a spec is hidden. */
function toText(value: unknown): string {
  if (isAbsent(value)) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function TextInput(props: InputProps) {
  return (
    <input
      {...toAttributes(props)}
      type="text"
      autocomplete="off"
      spellcheck={false}
      value={toText(props.value)}
      placeholder={toPlaceholder(props)}
      onInput={({ currentTarget: { value } }) => props.onChange(value === '' ? undefined : value)}
    />
  );
}

/** What is no number goes into the spec as it is written: the service says what is wrong with it. */
export function NumberInput(props: InputProps) {
  const [text, setText] = useState('');
  // "1." is the number 1: the text stays as long as it means the value.
  const shown = toNumberOrText(text) === (props.value ?? undefined) ? text : toText(props.value);
  return (
    <input
      {...toAttributes(props)}
      type="text"
      inputMode="decimal"
      autocomplete="off"
      value={shown}
      placeholder={toPlaceholder(props)}
      onInput={({ currentTarget: { value } }) => {
        setText(value);
        props.onChange(toNumberOrText(value));
      }}
    />
  );
}

function toNumberOrText(text: string): number | string | undefined {
  if (text.trim() === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

interface ChoiceProps extends InputProps {
  readonly options: readonly unknown[];
}

export function ChoiceInput(props: ChoiceProps) {
  const { value, options, fallback, onChange } = props;
  const toLabel = (option: unknown) => (option === true ? 'yes' : option === false ? 'no' : String(option));
  const index = options.indexOf(value);
  return (
    <select
      {...toAttributes(props)}
      value={isAbsent(value) ? '' : String(index)}
      onChange={({ currentTarget }) =>
        onChange(currentTarget.value === '' ? undefined : options[Number(currentTarget.value)])
      }
    >
      <option value="">{isAbsent(fallback) ? '–' : `${toLabel(fallback)} (as usual)`}</option>
      {index === -1 && !isAbsent(value) && <option value="-1">{toText(value)}</option>}
      {options.map((option, i) => (
        <option key={String(option)} value={String(i)}>
          {toLabel(option)}
        </option>
      ))}
    </select>
  );
}

/** Any number of choices; none is an absent field. */
export function ChoicesInput(props: ChoiceProps) {
  const { value, options, onChange } = props;
  const chosen = Array.isArray(value) ? value : [];
  return (
    <fieldset id={props.id} aria-labelledby={`${props.id}-label`} aria-describedby={props.describedBy} class="choices">
      {options.map((option) => (
        <label key={String(option)}>
          <input
            type="checkbox"
            checked={chosen.includes(option)}
            onChange={({ currentTarget: { checked } }) => {
              const next = options.filter((other) => (other === option ? checked : chosen.includes(other)));
              onChange(next.length === 0 ? undefined : next);
            }}
          />
          {String(option)}
        </label>
      ))}
    </fieldset>
  );
}

/** A list of texts, one on each line. */
export function TextsInput(props: InputProps) {
  const [text, setText] = useState('');
  const value = Array.isArray(props.value) ? props.value : [];
  const shown = JSON.stringify(toLines(text)) === JSON.stringify(value) ? text : value.map(toText).join('\n');
  return (
    <textarea
      {...toAttributes(props)}
      rows={Math.max(2, value.length + 1)}
      value={shown}
      placeholder="One on each line"
      onInput={({ currentTarget }) => {
        setText(currentTarget.value);
        const lines = toLines(currentTarget.value);
        props.onChange(lines.length === 0 ? undefined : lines);
      }}
    />
  );
}

function toLines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** A part of the spec as JSON. What is not JSON yet stays here, and the spec as it was. */
export function JsonInput(props: InputProps) {
  const [draft, setDraft] = useState<string>();
  const text = draft ?? (isAbsent(props.value) ? '' : JSON.stringify(props.value, undefined, 2));
  const change = (value: string) => {
    setDraft(value);
    if (value.trim() === '') props.onChange(undefined);
    try {
      props.onChange(JSON.parse(value));
    } catch {}
  };
  const isTorn = draft !== undefined && draft.trim() !== '' && !isJson(draft);
  return (
    <>
      <textarea
        {...toAttributes({ ...props, isInvalid: props.isInvalid || isTorn })}
        class="json-text"
        spellcheck={false}
        rows={3}
        value={text}
        placeholder={toPlaceholder(props)}
        onInput={({ currentTarget }) => change(currentTarget.value)}
        onBlur={() => !isTorn && setDraft(undefined)}
      />
      {isTorn && <p class="field-error">This is not JSON yet. The spec has what was here before.</p>}
    </>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
