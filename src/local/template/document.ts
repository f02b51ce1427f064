import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { errorMessage, UploadLedgerError } from '../../shared/errors.ts';

/**
 * The template says something that the local stack cannot act on. Ignoring it silently would run another system than
 * the one that is deployed.
 */
export class TemplateError extends UploadLedgerError {
  override readonly name = 'TemplateError';
  /** The resource or output that says it. */
  readonly logicalId: string;

  constructor(logicalId: string, message: string) {
    super('template-not-understood', `${logicalId}: ${message}`);
    this.logicalId = logicalId;
  }
}

/** A resource as the template declares it, its properties unresolved. */
export interface DeclaredResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A stack of an assembly, as `cdk synth` wrote it. */
interface TemplateDocument {
  readonly stackName: string;
  readonly resources: ReadonlyMap<string, DeclaredResource>;
  /** Unresolved values by name. */
  readonly outputs: ReadonlyMap<string, unknown>;
  /** Absolute directories of the assets, by the key that they have in the deployment bucket (`<hash>.zip`). */
  readonly assets: ReadonlyMap<string, string>;
}

const MANIFEST = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.object({ stackName: z.string(), templateFile: z.string(), file: z.string() }).partial().default({}),
    }),
  ),
});

/** Sections outside this list (conditions, mappings, macros) would change what the resources say. */
const TEMPLATE = z.strictObject({
  AWSTemplateFormatVersion: z.unknown().optional(),
  Description: z.unknown().optional(),
  Metadata: z.unknown().optional(),
  // The CDK checks with these that the account is bootstrapped. Nothing else can refer to them here.
  Parameters: z.unknown().optional(),
  Rules: z.unknown().optional(),
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      Condition: z.string().optional(),
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
});

const ASSETS = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/**
 * @param stackName Which stack, when the assembly holds several.
 * @throws UploadLedgerError `no-such-stack`; TemplateError for a file of an unknown form; the file system's error when
 *   there is no assembly.
 */
export function readTemplateDocument(assemblyDirectory: string, stackName?: string): TemplateDocument {
  const { artifacts } = readPart(MANIFEST, assemblyDirectory, 'manifest.json');
  const stacks = Object.entries(artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, { properties }]) => ({
      name: properties.stackName ?? id,
      file: properties.templateFile ?? `${id}.template.json`,
    }));
  const [stack, another] = stacks.filter(({ name }) => stackName === undefined || name === stackName);
  if (stack === undefined || another !== undefined) {
    const there = stacks.map(({ name }) => name).join(', ') || 'none';
    const wanted = stackName === undefined ? 'exactly one stack' : `the stack ${stackName}`;
    throw new UploadLedgerError('no-such-stack', `Expected ${wanted} in ${assemblyDirectory}, found: ${there}.`);
  }
  const template = readPart(TEMPLATE, assemblyDirectory, stack.file);
  const manifests = Object.values(artifacts).filter(({ type }) => type === 'cdk:asset-manifest');
  return {
    stackName: stack.name,
    resources: declaredResources(template),
    outputs: new Map(Object.entries(template.Outputs).map(([name, { Value }]) => [name, Value])),
    assets: new Map(manifests.flatMap(({ properties }) => readAssets(assemblyDirectory, properties.file ?? ''))),
  };
}

function declaredResources({ Resources }: z.output<typeof TEMPLATE>): Map<string, DeclaredResource> {
  return new Map(
    Object.entries(Resources).map(([logicalId, { Type, Properties, Condition }]) => {
      if (Condition !== undefined) {
        throw new TemplateError(logicalId, 'conditions are not supported by the local stack.');
      }
      return [logicalId, { logicalId, type: Type, properties: Properties }];
    }),
  );
}

function readAssets(assemblyDirectory: string, file: string): [string, string][] {
  const { files } = readPart(ASSETS, assemblyDirectory, file);
  return Object.values(files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }): [string, string] => [
      objectKey,
      path.resolve(assemblyDirectory, source.path),
    ]),
  );
}

function readPart<S extends z.ZodType>(schema: S, directory: string, file: string): z.output<S> {
  const result = schema.safeParse(parseJson(file, readFileSync(path.join(directory, file), 'utf8')));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => [...path, message].join('.')).join('; ');
  throw new TemplateError(file, `not what the local stack knows how to read: ${issues}.`);
}

/** @param file Or the resource that holds the text. */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TemplateError(file, `not JSON: ${errorMessage(error)}.`);
  }
}
