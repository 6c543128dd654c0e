import type { Argument, Command, Option } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { SETTINGS } from '../../src/config.ts';
import { asSentence, code, escapeMarkdown, markdownTable, pageHeader } from './markdown.ts';

const INTRO = `\`npx panelvec COMMAND --help\` prints the same. Commands that take a setting as an option take it as an environment variable, too
([settings](settings.md)). Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.`;

const FLAGS_OF_SETTINGS = new Map(Object.values(SETTINGS).map(({ flag, env }) => [flag, env]));

/** Every command with its arguments and options. */
export function renderCommandsPage(): string {
  const program = createProgram();
  const commands = listLeaves(program).sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
  return [pageHeader('Commands', INTRO, 'src/cli'), ...commands.map(renderCommand)].join('\n');
}

/** The commands that do something: `models list`, and not `models`. */
export function listLeaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(listLeaves);
}

/** The name as one writes it: `panelvec models list`. */
export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function renderCommand(command: Command): string {
  const help = command.createHelp();
  const settings = command.options.filter(isSetting);
  const options = command.options.filter((option) => !isSetting(option) && !option.hidden);
  const rows = [...help.visibleArguments(command).map(argumentRow), ...options.map(optionRow)];
  const parts = [
    `## ${fullName(command)}`,
    asSentence(escapeMarkdown(command.description())),
    `\`\`\`text\n${help.commandUsage(command)}\n\`\`\``,
    rows.length === 0 ? '' : markdownTable(['argument or option', 'meaning'], rows),
    settings.length === 0
      ? ''
      : `[Settings](settings.md): ${settings.map(({ long }) => code(String(long))).join(', ')}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Whether the option is that of a setting, and not one of the same name. */
function isSetting({ long, description }: Option): boolean {
  const env = long == null ? undefined : FLAGS_OF_SETTINGS.get(long);
  return env !== undefined && description.includes(`[${env}, default`);
}

function argumentRow(argument: Argument): string[] {
  const name = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
  return [code(name), asSentence(escapeMarkdown(argument.description))];
}

function optionRow(option: Option): string[] {
  const { argChoices: choices, defaultValue, mandatory } = option;
  const isDefaultShown = defaultValue !== undefined && defaultValue !== false && defaultValue !== '';
  const parts = [
    asSentence(escapeMarkdown(option.description)),
    choices === undefined ? '' : `One of ${choices.map(code).join(', ')}.`,
    mandatory ? 'Required.' : '',
    isDefaultShown ? `Default: ${code(String(option.defaultValueDescription ?? defaultValue))}.` : '',
  ];
  return [code(option.flags), parts.filter((part) => part !== '').join(' ')];
}
