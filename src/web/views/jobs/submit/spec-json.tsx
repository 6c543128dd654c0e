import { useId, useState } from 'preact/hooks';
import { isObject, type JsonObject } from '../../../../util/json.ts';

interface SpecJsonProps {
  readonly spec: JsonObject;
  readonly onChange: (spec: JsonObject) => void;
}

/** The spec as JSON. While its text is not an object of JSON, the form keeps the last one that was. */
export function SpecJson({ spec, onChange }: SpecJsonProps) {
  const id = useId();
  const [draft, setDraft] = useState<{
    readonly text: string;
    readonly spec: JsonObject;
    readonly problem: string | undefined;
  }>();
  // A draft belongs to the spec that it was written over: a change of the form takes its place.
  const current = draft?.spec === spec ? draft : undefined;
  const text = current?.text ?? JSON.stringify(spec, undefined, 2);
  const change = (value: string) => {
    const { parsed, problem } = parseSpec(value);
    if (parsed) onChange(parsed);
    setDraft({ text: value, spec: parsed ?? spec, problem });
  };
  return (
    <div class="spec-json">
      <label for={id}>The spec as JSON</label>
      <textarea
        id={id}
        class="json-text"
        spellcheck={false}
        rows={Math.max(14, text.split('\n').length + 1)}
        value={text}
        aria-invalid={current?.problem ? true : undefined}
        aria-describedby={current?.problem ? `${id}-problem` : undefined}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
      {current?.problem && (
        <p class="field-error" id={`${id}-problem`} role="status">
          {current.problem} The form has the last spec that could be read.
        </p>
      )}
    </div>
  );
}

function parseSpec(text: string): { parsed?: JsonObject; problem?: string } {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? { parsed } : { problem: 'A spec is an object.' };
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : error}.` };
  }
}
