import { randomUUID } from 'node:crypto';

/** A function as its template declares it, plus where its code stands on this machine and what it may reach. */
export interface FunctionSettings {
  readonly name: string;
  /** Absolute directory of the bundled code: `LAMBDA_TASK_ROOT` and the working directory. */
  readonly codeDirectory: string;
  /** As in the template: a file below the code directory without its extension, a dot, and the export's name. */
  readonly handler: string;
  /** The function's own variables. Names that Lambda reserves are refused, as on deployment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly region: string;
  /** What the execution role would give. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** `AWS_ENDPOINT_URL` and its forms for one service (`AWS_ENDPOINT_URL_SQS`). @default none: the SDK reaches AWS */
  readonly endpoints?: Readonly<Record<`AWS_ENDPOINT_URL${string}`, string>>;
  /** @default 'Text' */
  readonly logFormat?: 'Text' | 'JSON';
  /** Least level that Lambda lets through, with the JSON format only. @default 'INFO' */
  readonly applicationLogLevel?: string;
  /** Seconds from the start of the process to its readiness. @default 10, as on Lambda */
  readonly initTimeoutSeconds?: number;
}

/** The one version that a function has which was never published. */
export const FUNCTION_VERSION = '$LATEST';

/** Account of everything local, the same as the emulators'. */
const ACCOUNT_ID = '000000000000';

export function functionArn({ region, name }: Pick<FunctionSettings, 'region' | 'name'>): string {
  return `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`;
}

/** A name for one execution environment, in the shape of Lambda's log streams. */
export function newLogStream(now: Date): string {
  const date = now.toISOString().slice(0, 10).replaceAll('-', '/');
  return `${date}/[${FUNCTION_VERSION}]${randomUUID().replaceAll('-', '')}`;
}
