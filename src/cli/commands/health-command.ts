import type { Config } from '../../config.ts';
import { ServiceClient } from '../service-client.ts';

/** Asks a service whether it is ready, for containers that have no curl. @throws PanelvecError where it is not */
export async function healthCommand(config: Config): Promise<void> {
  await new ServiceClient(config).assertReady();
  process.stdout.write('ready\n');
}
