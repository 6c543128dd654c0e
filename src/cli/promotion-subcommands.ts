import { type Command, InvalidArgumentError } from 'commander';
import { ADDRESS_SETTINGS, addSettingOptions, readConfigWithFlags } from './options.ts';

/** Adds those commands of `panelvec models` that change what a running service serves. */
export function addPromotionCommands(models: Command): void {
  const activate = models
    .command('activate')
    .description('put a model of a running service into use under an alias, if it passes all checks')
    .argument('<id>', 'model, as name@version')
    .option('--alias <alias>', 'name that requests use', 'default')
    .option('--evaluation <job>', 'evaluate job in which the model must be no worse than the active one')
    .option('--no-worse-than <id>', 'model to compare with (default: the active one)')
    .option('--margin <measure=number...>', 'how much less a measure may be')
    .option('--canary <share>', 'give the model only this share of the requests', parseShare)
    .option('--force', 'also if collections lose their model, or the canary has another space');
  addSettingOptions(activate, ADDRESS_SETTINGS).action(async (id, flags) => {
    const { activateModelCommand } = await import('./commands/promotion-commands.ts');
    await activateModelCommand(readConfigWithFlags(flags), id, flags);
  });

  const rollback = models
    .command('rollback')
    .description('end the canary of an alias, or bring back the model before')
    .option('--alias <alias>', 'name that requests use', 'default');
  addSettingOptions(rollback, ADDRESS_SETTINGS).action(async (flags) => {
    const { rollbackCommand } = await import('./commands/promotion-commands.ts');
    await rollbackCommand(readConfigWithFlags(flags), flags);
  });

  const aliases = models.command('aliases').description('list what aliases mean in a running service');
  addSettingOptions(aliases, ADDRESS_SETTINGS).action(async (flags) => {
    const { listAliasesCommand } = await import('./commands/promotion-commands.ts');
    await listAliasesCommand(readConfigWithFlags(flags));
  });

  const removeModel = models
    .command('remove')
    .description('remove a model of a running service that nothing needs any more')
    .argument('<id>', 'model, as name@version');
  addSettingOptions(removeModel, ADDRESS_SETTINGS).action(async (id, flags) => {
    const { removeModelCommand } = await import('./commands/promotion-commands.ts');
    await removeModelCommand(readConfigWithFlags(flags), id);
  });

  const remove = models
    .command('remove-alias')
    .description('remove an alias; "default" then means the first of PANELVEC_MODELS')
    .argument('<alias>')
    .option('--force', 'also if collections lose their model');
  addSettingOptions(remove, ADDRESS_SETTINGS).action(async (alias, flags) => {
    const { removeAliasCommand } = await import('./commands/promotion-commands.ts');
    await removeAliasCommand(readConfigWithFlags(flags), alias, flags);
  });
}

function parseShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share < 1) return share;
  throw new InvalidArgumentError('expected a number between 0 and 1');
}
