import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleConsumer } from './consumer-bundle.ts';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));

/**
 * The bundled consumer as an asset of the assembly, named by the hash of what is in it.
 *
 * The CDK gives the directory, and asks for no bundle when a command needs none (`cdk destroy`, `cdk ls`).
 */
export function consumerCode(): Code {
  return Code.fromAsset(SOURCES, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The CDK's type demands an image for the case that bundling here fails. It throws instead: no Docker is ever run.
      image: DockerImage.fromRegistry('never-used'),
      local: {
        tryBundle(outputDirectory) {
          bundleConsumer(outputDirectory);
          return true;
        },
      },
    },
  });
}
