import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where `npm run install:test-tools` puts Helm, kubernetes-validate, hadolint and Docker Compose. */
export const DEPLOY_TOOLS_FOLDER = path.join(import.meta.dirname, '../../.deploy-tools');

/** Why tests of deployments are skipped; false where they run. CI has to run them. */
export const DEPLOY_TOOLS_MISSING: string | false =
  existsSync(path.join(DEPLOY_TOOLS_FOLDER, '.installed')) || process.env['CI'] !== undefined
    ? false
    : 'the tools of deployments are not installed: npm run install:test-tools';

export type DeployTool = 'python' | 'helm' | 'kubernetes-validate' | 'hadolint' | 'docker-compose';

export function deployTool(name: DeployTool): string {
  return path.join(DEPLOY_TOOLS_FOLDER, process.platform === 'win32' ? 'Scripts' : 'bin', name);
}

/** Runs a tool. Resolves to what it prints on both outputs, and whether it succeeded. */
export function runDeployTool(
  name: DeployTool,
  args: readonly string[],
): Promise<{ readonly isOk: boolean; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(deployTool(name), args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ isOk: error === null, output: stdout + stderr }),
    );
  });
}
