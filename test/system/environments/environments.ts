/** One machine's AWS configuration, and the line with which `upload-ledger list` ends there, with exit code 2. */
export interface AwsEnvironment {
  /** What is wrong, or where the answer comes from. */
  readonly title: string;
  /** Over a Region and keys. undefined takes one away. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** `~/.aws/config` */
  readonly config?: string;
  /** `~/.aws/credentials` */
  readonly credentials?: string;
  /** Other files below the home directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** @default 'list' */
  readonly command?: string;
  readonly says: string;
}

const NO_KEYS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
const NO_REGION = { AWS_REGION: undefined };
const KEYS = 'aws_access_key_id = AKIAFILE\naws_secret_access_key = s\n';
const ROLE = 'role_arn = arn:aws:iam::111122223333:role/reader\n';

/** The stand-in's answer: whose key it was given, which stack and Region it was asked for. */
const asked = (key = 'AKIAENV', stack = 'UploadLedger', region = 'eu-west-1') =>
  `AWS denies this: ${key} asks for ${stack} in ${region}`;
const noRegion =
  'no AWS Region: name one with --region or AWS_REGION, or choose a --profile that has one; "npm start" starts a ledger on this machine';
const wrongRegion = (region: string, source: string) =>
  `"${region}" (from ${source}) is not an AWS Region: expected one such as "eu-west-1"`;
const notAws = (came: string) =>
  `the answer is not from AWS (${came}): check the network, HTTPS_PROXY and AWS_ENDPOINT_URL`;
const noCredentials = (why: string, profile?: string) =>
  `no AWS credentials${profile === undefined ? '' : ` of profile "${profile}"`}: ${why}`;
const otherProfile = 'fix that, or choose another --profile';
const signIn =
  'sign in ("aws sso login", "aws login"), choose a --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "npm start" starts a ledger on this machine';
const plainEndpoint =
  'unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT (or use_fips_endpoint and use_dualstack_endpoint of the profile), or AWS_ENDPOINT_URL';
const unreachable = 'check the network, HTTPS_PROXY, the Region and AWS_ENDPOINT_URL, or --local';
const refused = 'sign in again, or choose another --profile';

const REGIONS: readonly AwsEnvironment[] = [
  { title: 'keys and a Region in variables', says: asked() },
  {
    title: 'AWS_DEFAULT_REGION alone',
    variables: { ...NO_REGION, AWS_DEFAULT_REGION: 'ap-south-1' },
    says: asked('AKIAENV', 'UploadLedger', 'ap-south-1'),
  },
  { title: 'AWS_REGION before AWS_DEFAULT_REGION', variables: { AWS_DEFAULT_REGION: 'ap-south-1' }, says: asked() },
  {
    title: 'an empty AWS_REGION, which counts as none',
    variables: { AWS_REGION: '' },
    config: '[default]\nregion = eu-north-1\n',
    says: asked('AKIAENV', 'UploadLedger', 'eu-north-1'),
  },
  { title: 'an empty AWS_REGION and no other', variables: { AWS_REGION: '' }, says: noRegion },
  { title: 'no Region at all', variables: NO_REGION, says: noRegion },
  {
    title: '--region before all',
    command: 'list --region us-gov-west-1',
    says: asked('AKIAENV', 'UploadLedger', 'us-gov-west-1'),
  },
  {
    title: 'a Region with a space behind it',
    variables: { AWS_REGION: 'us-east-1 ' },
    says: wrongRegion('us-east-1 ', 'AWS_REGION'),
  },
  {
    title: 'a Region by its city',
    variables: { ...NO_REGION, AWS_DEFAULT_REGION: 'Ireland' },
    says: wrongRegion('Ireland', 'AWS_DEFAULT_REGION'),
  },
  { title: 'a --region of two words', command: 'list --region us.east', says: wrongRegion('us.east', '--region') },
  {
    title: 'a Region with underscores in the profile',
    variables: NO_REGION,
    config: '[default]\nregion = eu_west_1\n',
    says: wrongRegion('eu_west_1', 'profile "default"'),
  },
  {
    title: 'a Region that would be another host',
    variables: { AWS_REGION: 'eu-west-1.evil.example/#' },
    says: wrongRegion('eu-west-1.evil.example/#', 'AWS_REGION'),
  },
];

const STACKS: readonly AwsEnvironment[] = [
  { title: 'UPLOAD_LEDGER_STACK', variables: { UPLOAD_LEDGER_STACK: 'Shared' }, says: asked('AKIAENV', 'Shared') },
  {
    title: 'an empty UPLOAD_LEDGER_STACK, which counts as none',
    variables: { UPLOAD_LEDGER_STACK: '' },
    says: asked(),
  },
  {
    title: '--stack before UPLOAD_LEDGER_STACK',
    variables: { UPLOAD_LEDGER_STACK: 'Shared' },
    command: 'stats --stack Mine',
    says: asked('AKIAENV', 'Mine'),
  },
];

const PROFILES: readonly AwsEnvironment[] = [
  {
    title: 'keys of a profile',
    variables: { ...NO_KEYS, AWS_PROFILE: 'work' },
    credentials: `[work]\n${KEYS}`,
    says: asked('AKIAFILE'),
  },
  {
    title: 'a profile of its own Region',
    variables: { ...NO_KEYS, ...NO_REGION, AWS_PROFILE: 'work' },
    config: `[profile work]\nregion = sa-east-1\n${KEYS}`,
    says: asked('AKIAFILE', 'UploadLedger', 'sa-east-1'),
  },
  {
    title: 'the keys of --profile before those of variables',
    command: 'list --profile work',
    credentials: `[work]\n${KEYS}`,
    says: asked('AKIAFILE'),
  },
  {
    title: 'the keys of variables where AWS_PROFILE names none',
    variables: { AWS_PROFILE: 'work' },
    config: '[profile work]\nregion = eu-west-1\n',
    says: asked(),
  },
  {
    title: 'a --profile that is not there',
    command: 'list --profile wrk',
    config: `[profile work]\n${KEYS}`,
    says: 'there is no profile "wrk" (from --profile) with any setting in ~/.aws/config and ~/.aws/credentials: name another one (work)',
  },
  {
    title: 'an AWS_PROFILE that is not there',
    variables: { AWS_PROFILE: 'wrk' },
    says: 'there is no profile "wrk" (from AWS_PROFILE) with any setting in ~/.aws/config and ~/.aws/credentials: name another one (none)',
  },
  {
    title: 'an AWS_CONFIG_FILE that is not there',
    variables: { AWS_PROFILE: 'work', AWS_CONFIG_FILE: '/nowhere/config' },
    says: 'there is no profile "work" (from AWS_PROFILE) with any setting in /nowhere/config and ~/.aws/credentials: name another one (none)',
  },
  {
    title: 'half a pair of keys in variables',
    variables: { AWS_SECRET_ACCESS_KEY: undefined },
    says: 'AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not: set both or none',
  },
  {
    title: 'half a pair of keys in a profile',
    variables: { ...NO_KEYS, AWS_PROFILE: 'half' },
    credentials: '[half]\naws_access_key_id = AKIAFILE\n',
    says: noCredentials(
      `Could not resolve credentials using profile: [half] in configuration/credentials file(s): ${otherProfile}`,
      'half',
    ),
  },
  { title: 'no credentials at all', variables: NO_KEYS, says: noCredentials(signIn) },
  { title: 'no home directory', variables: { ...NO_KEYS, HOME: '/nowhere' }, says: noCredentials(signIn) },
  {
    title: 'a file of rubbish',
    variables: NO_KEYS,
    credentials: '\u0000\u0001{"keys": 1}\n=\n[\n',
    says: noCredentials(signIn),
  },
];

const ROLES: readonly AwsEnvironment[] = [
  {
    title: 'a role of a profile',
    variables: { ...NO_KEYS, AWS_PROFILE: 'reader' },
    config: `[default]\n${KEYS}[profile reader]\n${ROLE}source_profile = default\n`,
    says: asked('ASIAROLE'),
  },
  {
    title: 'a role of the keys in variables',
    variables: { AWS_PROFILE: 'reader' },
    config: `[profile reader]\n${ROLE}credential_source = Environment\n`,
    says: asked('ASIAROLE'),
  },
  {
    title: 'a loop of profiles',
    variables: { ...NO_KEYS, AWS_PROFILE: 'a' },
    config: `[profile a]\n${ROLE}source_profile = b\n[profile b]\n${ROLE}source_profile = a\n`,
    says: noCredentials(
      `Detected a cycle attempting to resolve credentials for profile a. Profiles visited: b, a: ${otherProfile}`,
      'a',
    ),
  },
  {
    title: 'a role of a profile that is not there',
    variables: { ...NO_KEYS, AWS_PROFILE: 'a' },
    config: `[profile a]\n${ROLE}source_profile = gone\n`,
    says: noCredentials(
      `Could not resolve credentials using profile: [gone] in configuration/credentials file(s): ${otherProfile}`,
      'a',
    ),
  },
  {
    title: 'a credential_source that does not exist',
    variables: { ...NO_KEYS, AWS_PROFILE: 'a' },
    config: `[profile a]\n${ROLE}credential_source = Moon\n`,
    says: noCredentials(
      `Unsupported credential source in profile a. Got Moon, expected EcsContainer or Ec2InstanceMetadata or Environment: ${otherProfile}`,
      'a',
    ),
  },
  {
    title: 'a second factor and no terminal',
    variables: { ...NO_KEYS, AWS_PROFILE: 'a' },
    config: `[default]\n${KEYS}[profile a]\n${ROLE}source_profile = default\nmfa_serial = arn:aws:iam::111122223333:mfa/me\n`,
    says: noCredentials('it needs the code of an MFA device, and there is no terminal to ask on', 'a'),
  },
  {
    title: 'STS that does not answer',
    variables: { ...NO_KEYS, AWS_PROFILE: 'reader', AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' },
    config: `[default]\n${KEYS}[profile reader]\n${ROLE}source_profile = default\n`,
    says: noCredentials(`cannot reach the service (connect ECONNREFUSED 127.0.0.1:1): ${unreachable}`, 'reader'),
  },
  {
    title: 'STS that refuses',
    variables: { ...NO_KEYS, AWS_PROFILE: 'reader', AWS_ENDPOINT_URL_STS: '{AWS}/expired' },
    config: `[default]\n${KEYS}[profile reader]\n${ROLE}source_profile = default\n`,
    says: noCredentials(
      `AWS refuses the credentials (The security token included in the request is expired): ${refused}`,
      'reader',
    ),
  },
  {
    title: 'a web identity',
    variables: {
      ...NO_KEYS,
      AWS_WEB_IDENTITY_TOKEN_FILE: '{HOME}/token',
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/ci',
    },
    files: { token: 'jwt' },
    says: asked('ASIAROLE'),
  },
  {
    title: 'a web identity whose token file is not there',
    variables: {
      ...NO_KEYS,
      AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere/token',
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/ci',
    },
    says: noCredentials('cannot open /nowhere/token (ENOENT: no such file or directory): check the path'),
  },
  {
    title: 'a token file that is a directory',
    variables: { ...NO_KEYS, AWS_PROFILE: 'ci' },
    config: `[profile ci]\n${ROLE}web_identity_token_file = /\n`,
    says: noCredentials('cannot read (EISDIR: illegal operation on a directory): name a file', 'ci'),
  },
];

const process = (command: string) => `[profile tool]\ncredential_process = ${command}\n`;
const TOOL = { ...NO_KEYS, AWS_PROFILE: 'tool' };
const TOOLS: readonly AwsEnvironment[] = [
  {
    title: 'a credential_process',
    variables: TOOL,
    config: process('cat {HOME}/keys.json'),
    files: { 'keys.json': '{"Version":1,"AccessKeyId":"AKIATOOL","SecretAccessKey":"s"}' },
    says: asked('AKIATOOL'),
  },
  {
    title: 'a credential_process that fails',
    variables: TOOL,
    config: process('echo session expired, run corp-login >&2; exit 1'),
    says: noCredentials(
      `Command failed: echo session expired, run corp-login >&2; exit 1 session expired, run corp-login: ${otherProfile}`,
      'tool',
    ),
  },
  {
    title: 'a credential_process that prints rubbish',
    variables: TOOL,
    config: process('echo hello'),
    says: noCredentials(`Profile tool credential_process returned invalid JSON: ${otherProfile}`, 'tool'),
  },
  {
    title: 'a credential_process that prints another version',
    variables: TOOL,
    config: process('cat {HOME}/keys.json'),
    files: { 'keys.json': '{"Version":2}' },
    says: noCredentials(`Profile tool credential_process did not return Version 1: ${otherProfile}`, 'tool'),
  },
  {
    title: 'a credential_process that gives expired keys',
    variables: TOOL,
    config: process('cat {HOME}/keys.json'),
    files: { 'keys.json': '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"2020-01-01T00:00:00Z"}' },
    says: noCredentials(`Profile tool credential_process returned expired credentials: ${otherProfile}`, 'tool'),
  },
  {
    title: 'single sign-on without a session',
    variables: { ...NO_KEYS, AWS_PROFILE: 'sso' },
    config:
      '[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = r\n[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n',
    says: noCredentials(
      `The SSO session token associated with profile=sso was not found or is invalid. To refresh this SSO session run 'aws sso login' with the corresponding profile: sign in with "aws sso login --profile sso"`,
      'sso',
    ),
  },
  {
    title: 'single sign-on of the old form, expired',
    variables: { ...NO_KEYS, AWS_PROFILE: 'sso' },
    config:
      '[profile sso]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\nsso_account_id = 111122223333\nsso_role_name = r\n',
    files: {
      '.aws/sso/cache/0d4adc5e7ff8dca75f9e9ebd6a75f6a2f31ad4d7.json':
        '{"accessToken":"t","expiresAt":"2020-01-01T00:00:00Z"}',
    },
    says: noCredentials(
      'The SSO session associated with this profile is invalid. To refresh this SSO session run aws sso login with the corresponding profile: sign in with "aws sso login --profile sso"',
      'sso',
    ),
  },
  {
    title: 'a login without a session',
    variables: { ...NO_KEYS, AWS_PROFILE: 'me' },
    config: '[profile me]\nlogin_session = arn:aws:iam::111122223333:user/me\n',
    says: noCredentials(
      `Failed to load token from {HOME}/.aws/login/cache/6eeec053fe13079aaf7fd81065ec5ecbdb93674f20700e51842d0c769b240c8a.json: Error: ENOENT: no such file or directory, open '{HOME}/.aws/login/cache/6eeec053fe13079aaf7fd81065ec5ecbdb93674f20700e51842d0c769b240c8a.json': sign in with "aws login --profile me"`,
      'me',
    ),
  },
];

const NETWORKS: readonly AwsEnvironment[] = [
  {
    title: 'expired keys',
    variables: { AWS_ENDPOINT_URL: '{AWS}/expired' },
    says: `AWS refuses the credentials (The security token included in the request is expired): ${refused}`,
  },
  {
    title: 'a key that AWS does not know',
    variables: { AWS_ENDPOINT_URL: '{AWS}/unknown-key' },
    says: `AWS refuses the credentials (The security token included in the request is invalid.): ${refused}`,
  },
  {
    title: 'a wrong secret',
    variables: { AWS_ENDPOINT_URL: '{AWS}/wrong-secret' },
    says: `AWS refuses the credentials (The request signature we calculated does not match): ${refused}`,
  },
  {
    title: 'a clock that is wrong',
    variables: { AWS_ENDPOINT_URL: '{AWS}/late' },
    says: 'AWS refuses the request (Request has expired.): set the clock of this machine',
  },
  {
    title: 'a gateway that has no answer',
    variables: { AWS_ENDPOINT_URL: '{AWS}/gateway' },
    says: notAws('HTTP 502, text/html'),
  },
  {
    title: 'a gateway that blocks',
    variables: { AWS_ENDPOINT_URL: '{AWS}/blocked' },
    says: notAws('HTTP 403, text/html'),
  },
  {
    title: 'a page to sign in on',
    variables: { AWS_ENDPOINT_URL: '{AWS}/sign-in' },
    says: notAws('an answer without a stack'),
  },
  { title: 'an empty answer', variables: { AWS_ENDPOINT_URL: '{AWS}/empty' }, says: notAws('HTTP 503, text/plain') },
  {
    title: 'nothing that answers',
    variables: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    says: `cannot reach the service (connect ECONNREFUSED 127.0.0.1:1): ${unreachable}`,
  },
  {
    title: 'an endpoint that is no URL',
    variables: { AWS_ENDPOINT_URL: 'nonsense' },
    says: 'AWS_ENDPOINT_URL is not a usable endpoint: expected a URL such as http://127.0.0.1:4566, got "nonsense"',
  },
  {
    title: 'a certificate of a CA that nobody knows',
    variables: { AWS_ENDPOINT_URL: '{TLS}' },
    says: 'the certificate is not trusted (unable to verify the first certificate): if a proxy inspects the traffic, set AWS_CA_BUNDLE to the file of its CA',
  },
  { title: 'the CA in AWS_CA_BUNDLE', variables: { AWS_ENDPOINT_URL: '{TLS}', AWS_CA_BUNDLE: '{CA}' }, says: asked() },
  {
    title: 'the CA in the profile',
    variables: { AWS_ENDPOINT_URL: '{TLS}' },
    config: '[default]\nca_bundle = {CA}\n',
    says: asked(),
  },
  {
    title: 'an AWS_CA_BUNDLE that is not there',
    variables: { AWS_CA_BUNDLE: '/nowhere/ca.pem' },
    says: 'AWS_CA_BUNDLE: cannot open /nowhere/ca.pem (ENOENT: no such file or directory): check the path',
  },
  {
    title: 'an AWS_CA_BUNDLE of rubbish',
    variables: { AWS_CA_BUNDLE: '{HOME}/ca.pem' },
    files: { 'ca.pem': 'rubbish' },
    says: 'AWS_CA_BUNDLE: expected certificates in PEM form in {HOME}/ca.pem, found none',
  },
  { title: 'TLS where nothing speaks it', variables: { AWS_ENDPOINT_URL: '{AWS-AS-TLS}' }, says: notAws('no TLS') },
  {
    title: 'plain HTTP where TLS is spoken',
    variables: { AWS_ENDPOINT_URL: '{TLS-AS-PLAIN}' },
    says: `cannot reach the service (socket hang up): ${unreachable}`,
  },
  {
    title: 'a proxy that is not there',
    variables: { AWS_ENDPOINT_URL: '{TLS}', HTTPS_PROXY: 'http://127.0.0.1:1' },
    says: `cannot reach the service (connect ECONNREFUSED 127.0.0.1:1): ${unreachable}`,
  },
  {
    title: 'a proxy without its scheme',
    variables: { AWS_ENDPOINT_URL: '{TLS}', https_proxy: '127.0.0.1:1' },
    says: `cannot reach the service (connect ECONNREFUSED 127.0.0.1:1): ${unreachable}`,
  },
  {
    title: 'a proxy of another kind',
    variables: { HTTPS_PROXY: 'socks5://127.0.0.1:1' },
    says: 'HTTPS_PROXY is not a usable proxy: expected a URL such as http://proxy.example.com:8080',
  },
  {
    title: 'a proxy that refuses',
    variables: { AWS_ENDPOINT_URL: '{TLS}', HTTPS_PROXY: '{AWS}' },
    says: 'the proxy does not connect (Connection to establish proxy tunnel ended unexpectedly): check HTTPS_PROXY and NO_PROXY',
  },
  {
    title: 'a host that NO_PROXY names',
    variables: { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' },
    says: asked(),
  },
  {
    title: 'FIPS and an endpoint of its own',
    variables: { AWS_USE_FIPS_ENDPOINT: 'true' },
    says: `Invalid Configuration: FIPS and custom endpoint are not supported: ${plainEndpoint}`,
  },
  {
    title: 'FIPS in the profile, and an endpoint of its own',
    config: '[default]\nuse_fips_endpoint = true\n',
    says: `Invalid Configuration: FIPS and custom endpoint are not supported: ${plainEndpoint}`,
  },
  {
    title: 'dual-stack and an endpoint of its own',
    variables: { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
    says: `Invalid Configuration: Dualstack and custom endpoint are not supported: ${plainEndpoint}`,
  },
  {
    title: 'a Region that does not exist',
    variables: { AWS_ENDPOINT_URL: undefined, AWS_REGION: 'eu-nowhere-9', HTTPS_PROXY: 'http://127.0.0.1:1' },
    says: `cannot reach the service (connect ECONNREFUSED 127.0.0.1:1): ${unreachable}`,
  },
];

export const ENVIRONMENTS = [...REGIONS, ...STACKS, ...PROFILES, ...ROLES, ...TOOLS, ...NETWORKS];
