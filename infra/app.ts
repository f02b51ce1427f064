import { App } from 'aws-cdk-lib';
import { ConfigurationError } from './settings/configuration-error.ts';
import { contextSettings, parseConfiguration } from './settings/parse-configuration.ts';
import { UploadLedgerStack } from './stack.ts';

/** The program that `cdk synth` and `cdk deploy` run. */
try {
  const app = new App();
  new UploadLedgerStack(app, parseConfiguration(contextSettings(app.node.getAllContext())));
  app.synth();
} catch (error) {
  // The author of a wrong setting needs the message, not the stack trace.
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`\n${error.message}\n\n`);
  process.exitCode = 1;
}
