import { SETTINGS_METADATA } from '../../contract/outputs.ts';
import { visibleText } from '../../shared/text.ts';
import { type Check, note, ok } from './check.ts';
import type { Deployment } from './deployment.ts';

/** Settings that are not the defaults; long ones as a hash. */
type Settings = Readonly<Record<string, unknown>>;

/**
 * Whether the stack was deployed with the settings of this checkout. Those that were given by `-c` are gone with the
 * next deployment, and what they had made with them. Only where there is a checkout of this stack.
 */
export const settingsDeployed: Check = {
  name: 'settings',
  needs: ['cloudformation:GetTemplateSummary'],
  run: async ({ ledger, checkoutTemplate }) => {
    const template = await checkoutTemplate();
    if (template === undefined) return undefined;
    const deployed = await deployedSettings(ledger);
    if (deployed === undefined) return undefined;
    const here = settingsOf(JSON.parse(template).Metadata) ?? {};
    const names = [...new Set([...Object.keys(deployed), ...Object.keys(here)])].sort();
    const differing = names.filter((name) => JSON.stringify(deployed[name]) !== JSON.stringify(here[name]));
    if (differing.length === 0) return ok('deployed with those of this checkout');
    const list = differing.map((name) => visibleText(`${name} (${shown(deployed[name])}, here ${shown(here[name])})`));
    return note(
      `deployed with settings other than this checkout's, which the next deployment reverts: ${list.join(', ')}`,
      'write what should stay into cdk.json, under "context"; "npx cdk diff" shows what would change',
    );
  },
};

/** Undefined: another version, or a program of somebody else, has deployed the stack. */
async function deployedSettings({ clients, stackName }: Deployment['ledger']): Promise<Settings | undefined> {
  const { GetTemplateSummaryCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await clients.cloudformation();
  const { Metadata } = await client.send(new GetTemplateSummaryCommand({ StackName: stackName }));
  return Metadata === undefined ? undefined : settingsOf(JSON.parse(Metadata));
}

function settingsOf(metadata: Readonly<Record<string, unknown>> = {}): Settings | undefined {
  return metadata[SETTINGS_METADATA] as Settings | undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return 'the default';
  return typeof value === 'string' && value.startsWith('sha256:') ? 'something else' : JSON.stringify(value);
}
