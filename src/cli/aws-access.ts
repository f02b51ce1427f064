import { readFile } from 'node:fs/promises';
import type { AgentOptions } from 'node:https';
import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { visibleText } from '../shared/text.ts';
import { localStackHint } from './checkout.ts';
import { UsageError } from './errors.ts';
import { credentialsError, explainError } from './explain-error.ts';

/** Variables of the process. An empty one counts as absent, as for the AWS command line: CI has them for unset secrets. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Asks the user on the terminal. */
export type Ask = (question: string) => Promise<string>;

/** How clients reach AWS: what all of them share. */
export interface AwsAccess {
  readonly region: string;
  /** For settings such as `use_fips_endpoint`, which the SDK reads itself. */
  readonly profile?: string;
  readonly credentials: NonNullable<CloudFormationClientConfig['credentials']>;
  readonly requestHandler: { readonly httpAgent: AgentOptions; readonly httpsAgent: AgentOptions };
}

/** Settings of one profile of the AWS configuration files. */
type ProfileSettings = Readonly<Record<string, string | undefined>>;

/** One of these in a profile says where its credentials come from. Source: AWS SDKs and Tools reference guide. */
const CREDENTIAL_SETTINGS = [
  'aws_access_key_id',
  'credential_process',
  'login_session',
  'role_arn',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
];

/**
 * Reads how to reach AWS as the AWS command line does: profile, Region and credentials, `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY`, `AWS_CA_BUNDLE`. The SDK alone knows neither proxies nor bundles nor `AWS_DEFAULT_REGION`.
 *
 * @param ask For the code of a second factor. Absent: nobody can answer.
 * @throws UsageError when what is configured cannot be used.
 */
export async function awsAccess(
  options: { readonly profile?: string; readonly region?: string },
  environment: Environment,
  ask?: Ask,
): Promise<AwsAccess> {
  checkEndpoints(environment);
  const { parseKnownFiles } = await import('@smithy/core/config');
  const profiles: Readonly<Record<string, ProfileSettings>> = await parseKnownFiles({});
  const profile = options.profile ?? (environment.AWS_PROFILE || undefined);
  if (profile !== undefined && profiles[profile] === undefined) throw unknownProfile(profile, profiles, environment);
  const settings = profiles[profile ?? 'default'] ?? {};
  return {
    region: regionOf(options.region, environment, settings, profile),
    ...(profile !== undefined && { profile }),
    credentials: await credentialsOf(options.profile, settings, environment, ask),
    requestHandler: await requestHandlerOf(environment, settings),
  };
}

/** Profiles that a message lists. */
const MAX_LISTED_PROFILES = 8;

function unknownProfile(profile: string, profiles: object, environment: Environment): UsageError {
  const source = environment.AWS_PROFILE === profile ? 'AWS_PROFILE' : '--profile';
  const names = Object.keys(profiles).filter((name) => !/^(?:sso-session|services)\./.test(name));
  const more = names.length > MAX_LISTED_PROFILES ? ', ...' : '';
  const listed = names.length === 0 ? 'none' : names.slice(0, MAX_LISTED_PROFILES).join(', ') + more;
  const files = [
    environment.AWS_CONFIG_FILE || '~/.aws/config',
    environment.AWS_SHARED_CREDENTIALS_FILE || '~/.aws/credentials',
  ];
  return new UsageError(
    `there is no profile "${profile}" (from ${source}) with any setting in ${files.join(' and ')}: name another one (${listed})`,
  );
}

/** What the name of a Region looks like: it becomes a part of host names. */
const REGION = /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** The first that is named. @throws UsageError when none is, or it cannot be one. */
function regionOf(
  option: string | undefined,
  { AWS_REGION, AWS_DEFAULT_REGION }: Environment,
  settings: ProfileSettings,
  profile = 'default',
): string {
  const named: readonly (readonly [source: string, region: string | undefined])[] = [
    ['--region', option],
    ['AWS_REGION', AWS_REGION || undefined],
    ['AWS_DEFAULT_REGION', AWS_DEFAULT_REGION || undefined],
    [`profile "${profile}"`, settings.region || undefined],
  ];
  for (const [source, region] of named) {
    if (region === undefined) continue;
    if (REGION.test(region)) return region;
    throw new UsageError(`"${region}" (from ${source}) is not an AWS Region: expected one such as "eu-west-1"`);
  }
  throw new UsageError(
    `no AWS Region: name one with --region or AWS_REGION, or choose a --profile that has one${localStackHint()}`,
  );
}

/**
 * Credentials by the SDK's own rules, once for all clients: a code is asked for once, a process runs once.
 *
 * A profile that says where its credentials come from is asked alone: the SDK's chain would go on to the next provider,
 * and forget why this one had none.
 */
async function credentialsOf(
  option: string | undefined,
  settings: ProfileSettings,
  environment: Environment,
  ask: Ask | undefined,
): Promise<AwsAccess['credentials']> {
  const keys = environmentKeys(environment);
  const profile = option ?? (environment.AWS_PROFILE || undefined);
  const isNamed = profile !== undefined || keys === undefined;
  const isOfProfile = isNamed && CREDENTIAL_SETTINGS.some((name) => settings[name] !== undefined);
  if (keys !== undefined && option === undefined && !isOfProfile) return keys;
  const init = {
    ...(profile !== undefined && { profile }),
    ...(ask && { mfaCodeProvider: (device: string) => ask(`Code of the MFA device ${visibleText(device)}: `) }),
    // It would warn in seven lines of keys in the environment, which a profile goes before.
    logger: SILENT,
  };
  const [{ memoize }, { credentialsTreatedAsExpired, credentialsWillNeedRefresh, defaultProvider }, { fromIni }] =
    await Promise.all([
      import('@smithy/core/config'),
      import('@aws-sdk/credential-provider-node'),
      import('@aws-sdk/credential-provider-ini'),
    ]);
  const provider = isOfProfile ? fromIni(init) : defaultProvider(init);
  let caller: Parameters<typeof provider>[0];
  const shared = memoize(() => provider(caller), credentialsTreatedAsExpired, credentialsWillNeedRefresh);
  return async (client) => {
    caller = client;
    try {
      return await shared();
    } catch (error) {
      throw credentialsError(error, isOfProfile ? (profile ?? 'default') : profile);
    }
  };
}

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** @throws UsageError when only one of the two is set. */
function environmentKeys({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN }: Environment) {
  if (id && secret) {
    return { accessKeyId: id, secretAccessKey: secret, ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }) };
  }
  if (!id && !secret) return undefined;
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  const [set, missing] = id ? names : names.toReversed();
  throw new UsageError(`${set} is set and ${missing} is not: set both or none`);
}

/** Agents that go through the proxy and trust the certificates that the environment names. */
async function requestHandlerOf(
  environment: Environment,
  settings: ProfileSettings,
): Promise<AwsAccess['requestHandler']> {
  const proxy = { proxyEnv: proxyVariables(environment) };
  const source = environment.AWS_CA_BUNDLE ? 'AWS_CA_BUNDLE' : 'ca_bundle of the profile';
  const bundle = environment.AWS_CA_BUNDLE || settings.ca_bundle;
  const trust = bundle ? { ca: await readBundle(bundle, source) } : {};
  return { httpAgent: proxy, httpsAgent: { ...proxy, ...trust } };
}

/** @throws UsageError when a variable that names an endpoint of a service holds no URL: the SDK would ask something else. */
function checkEndpoints(environment: Environment): void {
  for (const [name, endpoint] of Object.entries(environment)) {
    if (!endpoint || !/^AWS_ENDPOINT_URL(?:_|$)/.test(name)) continue;
    if (/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) continue;
    throw new UsageError(
      `${name} is not a usable endpoint: expected a URL such as http://127.0.0.1:4566, got "${visibleText(endpoint)}"`,
    );
  }
}

const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

/** As Node reads them. It would pass over a proxy without a scheme, or with one that it does not know. */
function proxyVariables(environment: Environment): Environment {
  const variables: Record<string, string | undefined> = { ...environment };
  for (const name of PROXIES) {
    const proxy = variables[name];
    if (!proxy) continue;
    const url = URL.parse(proxy.includes('://') ? proxy : `http://${proxy}`);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new UsageError(`${name} is not a usable proxy: expected a URL such as http://proxy.example.com:8080`);
    }
    variables[name] = url.href;
  }
  return variables;
}

async function readBundle(file: string, source: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${source}: ${explainError(error)}`);
  });
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new UsageError(`${source}: expected certificates in PEM form in ${file}, found none`);
}
