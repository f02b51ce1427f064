import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleConsumer } from './consumer-bundle.ts';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));

/** Where the package has the bundle, seen from what this file is compiled to: see `buildPackage`. */
const PREBUILT = fileURLToPath(new URL('../consumer', import.meta.url));

/** In a checkout this file runs as it is; the package holds what it was compiled to, and none of the sources. */
const IS_CHECKOUT = import.meta.url.endsWith('.ts');

/** The bundled consumer as an asset of the assembly, named by the hash of what is in it. */
export function consumerCode(): Code {
  return IS_CHECKOUT ? bundledFromSources() : Code.fromAsset(PREBUILT);
}

/** The CDK gives the directory, and asks for no bundle when a command needs none (`cdk destroy`, `cdk ls`). */
function bundledFromSources(): Code {
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
