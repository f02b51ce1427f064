import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { ApplicationLogLevel, Architecture, Code, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { bundleFunction, type FunctionName, handlerOf } from './bundle/function-bundle.ts';
import type { Configuration } from './settings/configuration.ts';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));

/** Where the package has a function's bundle, relative to this file's compiled form: see `buildPackage`. */
function prebuilt(name: FunctionName): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

/** The package has the compiled form of this file, and none of the functions' sources. */
const IS_CHECKOUT = import.meta.url.endsWith('.ts');

/** A file beside the code. */
interface CodeFile {
  readonly name: string;
  readonly text: string;
}

/**
 * A bundled function as an asset, with a file of settings if it has one.
 *
 * The CDK chooses the directory, and skips the bundling for commands that need none (`cdk destroy`, `cdk ls`).
 */
export function functionCode(name: FunctionName, file?: CodeFile): Code {
  if (!IS_CHECKOUT && file === undefined) return Code.fromAsset(prebuilt(name));
  // The CDK bundles once for equal options, and cannot see what `tryBundle` writes: two functions of one app differ.
  const differs = { extraHash: `${name} ${file?.text ?? ''}` };
  return Code.fromAsset(IS_CHECKOUT ? SOURCES : prebuilt(name), {
    ...differs,
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The type requires an image, for when bundling here fails. But then it throws, so Docker never runs.
      image: DockerImage.fromRegistry('never-used'),
      local: {
        tryBundle(outputDirectory) {
          if (IS_CHECKOUT) bundleFunction(name, outputDirectory);
          else cpSync(prebuilt(name), outputDirectory, { recursive: true });
          if (file !== undefined) writeFileSync(path.join(outputDirectory, file.name), file.text);
          return true;
        },
      },
    },
  });
}

/** What all functions have in common. */
export function functionBasics(name: FunctionName, configuration: Configuration) {
  return {
    handler: handlerOf(name),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    tracing: configuration.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    ...logging(configuration),
  };
}

/**
 * With JSON, Lambda drops log lines below a level and treats a line without a level as INFO. Above INFO it would drop
 * every metric, so there the format is text and only the logger filters.
 *
 * Source: Lambda developer guide, "Log-level filtering".
 */
function logging({ logLevel }: Configuration) {
  if (logLevel === 'WARN' || logLevel === 'ERROR') return { loggingFormat: LoggingFormat.TEXT };
  return { loggingFormat: LoggingFormat.JSON, applicationLogLevelV2: ApplicationLogLevel[logLevel] };
}
