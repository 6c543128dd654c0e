import { z } from 'zod';
import { ENGINE_SETTINGS } from '../../src/settings/engine-settings.ts';
import { JOB_SETTINGS } from '../../src/settings/job-settings.ts';
import { LIMIT_SETTINGS } from '../../src/settings/limit-settings.ts';
import { MODEL_SETTINGS } from '../../src/settings/model-settings.ts';
import { REMOTE_SETTINGS } from '../../src/settings/remote-settings.ts';
import { SERVER_SETTINGS } from '../../src/settings/server-settings.ts';
import type { Setting, Settings } from '../../src/settings/setting.ts';
import { STORAGE_SETTINGS } from '../../src/settings/storage-settings.ts';
import { TRACING_SETTINGS } from '../../src/settings/tracing-settings.ts';
import { asSentence, code, escapeMarkdown, markdownTable, pageHeader } from './markdown.ts';
import { describeSchema, type JsonSchema } from './schema-type.ts';
import { SETTING_NOTES } from './setting-notes.ts';

const AREAS: readonly (readonly [title: string, settings: Settings])[] = [
  ['Server', SERVER_SETTINGS],
  ['Storage', STORAGE_SETTINGS],
  ['Models', MODEL_SETTINGS],
  ['Engines', ENGINE_SETTINGS],
  ['Limits', LIMIT_SETTINGS],
  ['Jobs and search', JOB_SETTINGS],
  ['Other services', REMOTE_SETTINGS],
  ['Traces', TRACING_SETTINGS],
];

/** Where the default is a number of the machine that the page is written on */
const MACHINE_DEFAULTS: Readonly<Record<string, string>> = {
  PANELVEC_MODELS_MEMORY_BYTES: 'half of the memory of the machine or the container',
};

const INTRO = `Every setting is an environment variable and an option of the same name (\`PANELVEC_MAX_BATCH\`, \`--max-batch\`), and the
option wins. An empty variable counts as not set. [Operating](../operating.md#settings) tells how a service uses them, and
[the commands](commands.md) which of them each command takes.`;

/** Every setting by its area: type, bounds, default and meaning. */
export function renderSettingsPage(): string {
  const sections = AREAS.map(([title, settings]) => {
    const rows = Object.values(settings).map((setting) => [
      code(setting.env),
      escapeMarkdown(describeType(setting)),
      describeDefault(setting),
      describeMeaning(setting),
    ]);
    return `## ${title}\n\n${markdownTable(['variable', 'type', 'default', 'meaning'], rows)}\n`;
  });
  return [pageHeader('Settings', INTRO, 'src/settings'), ...sections].join('\n');
}

/** What the text of a variable is parsed to or, where code makes something else of it, what it may be. */
function describeType({ schema }: Setting<unknown>): string {
  const [output, input] = (['output', 'input'] as const).map((io) =>
    describeSchema(z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema),
  );
  return output || input || 'text';
}

function describeDefault({ env, defaultValue }: Setting<unknown>): string {
  const machineDefault = MACHINE_DEFAULTS[env];
  if (machineDefault !== undefined) return machineDefault;
  if (defaultValue === '') return 'none';
  const size = env.endsWith('_BYTES') ? describeBytes(Number(defaultValue)) : undefined;
  return size === undefined ? code(defaultValue) : `${code(defaultValue)} (${size})`;
}

function describeBytes(bytes: number): string | undefined {
  for (const [unit, size] of Object.entries({ GiB: 2 ** 30, MiB: 2 ** 20 })) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  }
  return undefined;
}

function describeMeaning({ env, help, isSecret = false }: Setting<unknown>): string {
  const secret = isSecret ? 'Only a variable, and in no message.' : '';
  return [asSentence(escapeMarkdown(help)), SETTING_NOTES[env] ?? '', secret].filter((part) => part !== '').join(' ');
}
