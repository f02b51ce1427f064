import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Everything that the template or the function's bundle is made of, relative to the project. */
const SYNTHESIZED_FROM = [
  'infra/**/*.ts',
  'src/{contract,notification,upload,ledger,digest,queue,consumer}/**/*',
  'cdk.json',
  'cdk.context.json',
  // The installed packages: the SDK and Powertools in the bundle, aws-cdk-lib and the CDK command line themselves.
  'package-lock.json',
  // esbuild reads it.
  'tsconfig.json',
];

/**
 * A hash of all that `cdk synth` would read: equal fingerprints mean equal assemblies.
 *
 * @returns 32 hexadecimal characters, fit for a directory's name.
 */
export function assemblyFingerprint(projectDirectory: string, context: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(Object.entries(context).sort()));
  const files = globSync(SYNTHESIZED_FROM, { cwd: projectDirectory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const content = readFileSync(file);
    // Lengths keep a name from running into a content and one file into the next.
    hash.update(`\n${path.relative(projectDirectory, file)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}
