import { useRef, useState } from 'preact/hooks';
import type { JobResponse } from '../../../../http/routes/jobs/job-schemas.ts';
import { isObject, type JsonObject } from '../../../../util/json.ts';
import { ApiError } from '../../../api/api-error.ts';
import { getJson, postJson } from '../../../api/client.ts';
import { useRequest } from '../../../api/use-request.ts';
import { navigate, routeHref } from '../../../app/route.ts';
import { ErrorMessage } from '../../../components/error-message.tsx';
import { Loading } from '../../../components/loading.tsx';
import { fieldKind, type JsonSchema, jobSchemasOf, typeOf } from './json-schema.ts';
import { SchemaFields } from './schema-field.tsx';
import { SpecJson } from './spec-json.tsx';
import { setAtPath } from './spec-path.ts';

/** A new job: a form by the schema of its kind, and beside it the spec as JSON. Either can be edited, and both are always equal. */
export function SubmitJob({ params }: { readonly params: URLSearchParams }) {
  const { data: schemas, error } = useRequest(loadJobSchemas, []);
  return (
    <>
      <p class="breadcrumb">
        <a href={routeHref('jobs')}>All jobs</a>
      </p>
      <h1>New job</h1>
      {error !== undefined && <ErrorMessage error={error} />}
      {schemas && <SpecEditor schemas={schemas} initialSpec={readSpec(params) ?? startSpec({}, schemas[0] ?? {})} />}
      {schemas === undefined && error === undefined && <Loading label="The form is loading" />}
    </>
  );
}

interface SpecEditorProps {
  readonly schemas: readonly JsonSchema[];
  readonly initialSpec: JsonObject;
}

function SpecEditor({ schemas, initialSpec }: SpecEditorProps) {
  const [spec, setSpec] = useState(initialSpec);
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const schema = schemas.find((candidate) => typeOf(candidate) === spec['type']);
  const kind = schema && fieldKind(schema);
  const fieldError =
    error instanceof ApiError && error.param !== undefined ? { param: error.param, message: error.message } : undefined;

  const submit = async () => {
    setSending(true);
    setError(undefined);
    try {
      const job = await postJson<JobResponse>('/v1/jobs', spec);
      navigate(routeHref('jobs', [job.id]));
    } catch (cause) {
      setError(cause);
      setSending(false);
      // The field that the service named is known once its message is beside it.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    }
  };
  return (
    <form
      ref={form}
      class="spec-editor"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div>
        <label class="field">
          Kind of job
          <select
            value={String(spec['type'])}
            onChange={({ currentTarget }) => {
              const chosen = schemas.find((candidate) => typeOf(candidate) === currentTarget.value);
              if (chosen) setSpec(startSpec(spec, chosen));
            }}
          >
            {!schema && <option>{String(spec['type'])}</option>}
            {schemas.map((candidate) => (
              <option key={typeOf(candidate)}>{typeOf(candidate)}</option>
            ))}
          </select>
        </label>
        {kind?.kind === 'object' ? (
          <SchemaFields
            path={[]}
            kind={kind}
            hidden={['type']}
            form={{ spec, error: fieldError, onChange: (path, value) => setSpec(setAtPath(spec, path, value)) }}
          />
        ) : (
          <p>There is no form for this kind. Choose another, or edit the JSON.</p>
        )}
      </div>
      <div class="spec-side">
        <SpecJson spec={spec} onChange={setSpec} />
        {error !== undefined && <ErrorMessage error={error} />}
        <button type="submit" aria-busy={isSending} disabled={isSending}>
          Submit the job
        </button>
      </div>
    </form>
  );
}

/** The beginning of a spec of a kind: of an earlier spec what the kind has too, and the objects that it needs. */
function startSpec(earlier: JsonObject, schema: JsonSchema): JsonObject {
  const { properties = {}, required = [] } = schema;
  const kept = Object.entries(earlier).filter(([name]) => name in properties);
  const needed = required
    .filter((name) => fieldKind(properties[name] ?? {}).kind === 'object')
    .map((name) => [name, {}]);
  return { type: typeOf(schema), ...Object.fromEntries([...needed, ...kept.filter(([name]) => name !== 'type')]) };
}

async function loadJobSchemas(signal: AbortSignal): Promise<readonly JsonSchema[]> {
  return jobSchemasOf(await getJson('/openapi.json', { signal }));
}

/** The spec that the address begins with, such as that of an earlier job. */
function readSpec(params: URLSearchParams): JsonObject | undefined {
  try {
    const spec: unknown = JSON.parse(params.get('spec') ?? '');
    return isObject(spec) ? spec : undefined;
  } catch {
    return undefined;
  }
}
