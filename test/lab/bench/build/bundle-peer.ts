import { type BuildOptions, buildSync } from 'esbuild';

/**
 * The options that CDK's `NodejsFunction` gives esbuild by default for a Node 24 function
 * (`aws-lambda-nodejs/lib/bundling.js` of aws-cdk-lib 2.276): one CommonJS file, not minified, no source map, for
 * Node's main fields.
 *
 * With one difference, in favour of what is bundled: by default CDK leaves the AWS SDK out and lets the function load
 * the runtime's copy, hundreds of files, which takes longer than reading it from the bundle.
 */
export const CDK_DEFAULT = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: false,
  sourcemap: false,
  mainFields: ['main', 'module'],
  logLevel: 'error',
} as const satisfies BuildOptions;

/** What CDK leaves out of a bundle by default (`@smithy/*` with the feature flags of a new project). */
export const CDK_EXTERNAL = ['@aws-sdk/*', '@smithy/*'];

/** Bundles `source` as CDK would by default, the SDK included. */
export function bundleByDefault(source: string, outfile: string): void {
  buildSync({ ...CDK_DEFAULT, entryPoints: [source], outfile });
}
