import { z } from 'zod';
import type { DeclaredResource } from './template-document.ts';
import { TemplateError } from './template-error.ts';
import { readProperties } from './template-properties.ts';
import type { TemplateResolver } from './template-resolver.ts';
import type { FunctionResource } from './template-resources.ts';

/** Defaults as in CloudFormation's reference of `AWS::Lambda::Function`. */
const FUNCTION = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).default({ Variables: {} }),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['JSON', 'Text']).default('Text'),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: z.string().optional(),
      LogGroup: z.string().optional(),
    })
    .prefault({}),
});

/** The machine is what it is, and no permission is checked on it. */
const WITHOUT_LOCAL_MEANING = ['Architectures', 'Description', 'Role', 'Tags'];

/**
 * @param assets Directories of the assets by their key in the deployment bucket.
 * @throws TemplateError for what the local stack cannot do, and for code that is no asset of the assembly.
 */
export function toFunction(
  resource: DeclaredResource,
  resolver: TemplateResolver,
  assets: ReadonlyMap<string, string>,
): FunctionResource {
  const properties = readProperties(resource, resolver, FUNCTION, WITHOUT_LOCAL_MEANING);
  const { Code, LoggingConfig: logging } = properties;
  const codeDirectory = assets.get(Code.S3Key);
  if (codeDirectory === undefined) {
    throw new TemplateError(resource.logicalId, `its code ${Code.S3Key} is not among the assembly's assets.`);
  }
  const { name, arn } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    name,
    arn,
    codeDirectory,
    handler: properties.Handler,
    runtime: properties.Runtime,
    environment: properties.Environment.Variables,
    memoryMb: properties.MemorySize,
    timeoutSeconds: properties.Timeout,
    logFormat: logging.LogFormat,
    ...(logging.ApplicationLogLevel !== undefined && { applicationLogLevel: logging.ApplicationLogLevel }),
  };
}
