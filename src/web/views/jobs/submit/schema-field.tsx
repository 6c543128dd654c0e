import { useId } from 'preact/hooks';
import { CodeText } from '../../../components/code-text.tsx';
import { toWords } from '../../../components/format-values.ts';
import { type FieldKind, fieldKind, type JsonSchema } from './json-schema.ts';
import { ChoiceInput, ChoicesInput, JsonInput, NumberInput, TextInput, TextsInput } from './schema-inputs.tsx';
import { getAtPath } from './spec-path.ts';

/** What all fields of a form share. */
export interface FormState {
  readonly spec: unknown;
  /** `undefined` removes the field */
  readonly onChange: (path: readonly string[], value: unknown) => void;
  /** The field at fault, and what the service says of it */
  readonly error: { readonly param: string; readonly message: string } | undefined;
}

interface SchemaFieldProps {
  readonly name: string;
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  readonly form: FormState;
}

/** A field of a form by its schema, with the error of the service beside it. */
export function SchemaField({ name, path, schema, isRequired, form }: SchemaFieldProps) {
  const kind = fieldKind(schema);
  if (kind.kind === 'object') {
    return <FieldGroup name={name} path={path} schema={schema} kind={kind} isRequired={isRequired} form={form} />;
  }
  return <LeafField name={name} path={path} schema={schema} kind={kind} isRequired={isRequired} form={form} />;
}

interface FieldGroupProps extends SchemaFieldProps {
  readonly kind: Extract<FieldKind, { kind: 'object' }>;
}

function FieldGroup({ name, path, schema, kind, isRequired, form }: FieldGroupProps) {
  const isInUse = getAtPath(form.spec, path) !== undefined;
  const hasError = form.error !== undefined && isWithin(form.error.param, path);
  const fields = (
    <>
      {schema.description && (
        <p class="field-help">
          <CodeText text={schema.description} />
        </p>
      )}
      {hasError && form.error?.param === path.join('.') && <p class="field-error">{form.error.message}</p>}
      <SchemaFields path={path} kind={kind} form={form} />
    </>
  );
  if (isRequired) {
    return (
      <fieldset>
        <legend>{toWords(name)}</legend>
        {fields}
      </fieldset>
    );
  }
  return (
    <details open={isInUse || hasError}>
      <summary>{toWords(name)}</summary>
      {fields}
    </details>
  );
}

interface SchemaFieldsProps {
  readonly path: readonly string[];
  readonly kind: Extract<FieldKind, { kind: 'object' }>;
  readonly form: FormState;
  /** Fields that are not shown */
  readonly hidden?: readonly string[];
}

/** The fields of an object, those that are needed first. */
export function SchemaFields({ path, kind, form, hidden = [] }: SchemaFieldsProps) {
  const entries = Object.entries(kind.properties).filter(([name]) => !hidden.includes(name));
  const isRequired = (name: string) => kind.required.includes(name);
  const sorted = [...entries.filter(([name]) => isRequired(name)), ...entries.filter(([name]) => !isRequired(name))];
  return (
    <div class="field-grid">
      {sorted.map(([name, schema]) => (
        <SchemaField
          key={name}
          name={name}
          path={[...path, name]}
          schema={schema}
          isRequired={isRequired(name)}
          form={form}
        />
      ))}
    </div>
  );
}

interface LeafFieldProps extends SchemaFieldProps {
  readonly kind: Exclude<FieldKind, { kind: 'object' }>;
}

function LeafField({ name, path, schema, kind, isRequired, form }: LeafFieldProps) {
  const id = useId();
  const error = form.error && isWithin(form.error.param, path) ? form.error.message : undefined;
  const described = [error && `${id}-error`, schema.description && `${id}-help`].filter(Boolean).join(' ');
  const input = {
    id,
    value: getAtPath(form.spec, path),
    fallback: schema.default,
    isRequired,
    isInvalid: error !== undefined,
    describedBy: described || undefined,
    onChange: (value: unknown) => form.onChange(path, value),
  };
  return (
    <div class="field">
      <label for={id} id={`${id}-label`}>
        {toWords(name)}
        {isRequired && <span class="field-required"> needed</span>}
      </label>
      {kind.kind === 'choice' && <ChoiceInput {...input} options={kind.options} />}
      {kind.kind === 'choices' && <ChoicesInput {...input} options={kind.options} />}
      {kind.kind === 'number' && <NumberInput {...input} />}
      {kind.kind === 'text' && <TextInput {...input} />}
      {kind.kind === 'texts' && <TextsInput {...input} />}
      {kind.kind === 'json' && <JsonInput {...input} />}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {schema.description && (
        <p class="field-help" id={`${id}-help`}>
          <CodeText text={schema.description} />
        </p>
      )}
    </div>
  );
}

/** Whether the field of an error is at a path or below it. */
export function isWithin(param: string, path: readonly string[]): boolean {
  const prefix = path.join('.');
  return param === prefix || param.startsWith(`${prefix}.`) || param.startsWith(`${prefix}[`);
}
