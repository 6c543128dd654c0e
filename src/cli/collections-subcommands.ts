import type { Command } from 'commander';
import { ADDRESS_SETTINGS, addSettingOptions, parsePositiveInteger, readConfigWithFlags } from './options.ts';

const SEARCH_SETTINGS = [...ADDRESS_SETTINGS, 'maxImageBytes'] as const;

/** Adds `panelvec collections` with its commands, and `panelvec search`. */
export function addCollectionsCommands(program: Command): void {
  const collections = program
    .command('collections')
    .description('list, show and delete what a running service searches');

  const list = collections.command('list').description('list collections');
  addSettingOptions(list, ADDRESS_SETTINGS).action(async (flags) => {
    const { listCollectionsCommand } = await import('./commands/collections-commands.ts');
    await listCollectionsCommand(readConfigWithFlags(flags));
  });

  const show = collections.command('show').description('show a collection as JSON').argument('<name>');
  addSettingOptions(show, ADDRESS_SETTINGS).action(async (name, flags) => {
    const { showCollectionCommand } = await import('./commands/collections-commands.ts');
    await showCollectionCommand(readConfigWithFlags(flags), name);
  });

  const remove = collections
    .command('delete')
    .description('delete a collection; the pages and the store that it was made of stay')
    .argument('<name>');
  addSettingOptions(remove, ADDRESS_SETTINGS).action(async (name, flags) => {
    const { deleteCollectionCommand } = await import('./commands/collections-commands.ts');
    await deleteCollectionCommand(readConfigWithFlags(flags), name);
  });

  const search = program
    .command('search')
    .description('find panels of a collection of a running service by words, by a picture, or by both')
    .argument('[words...]', 'words to find')
    .option('--image <file>', 'picture to search by')
    .option('--collection <name>', 'collection to search (default: the only one)')
    .option('--top-k <n>', 'number of panels', parsePositiveInteger);
  addSettingOptions(search, SEARCH_SETTINGS).action(async (words, flags) => {
    const { searchCommand } = await import('./commands/search-command.ts');
    await searchCommand(readConfigWithFlags(flags), words, flags);
  });
}
