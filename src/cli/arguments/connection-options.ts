import { type Command, Option } from 'commander';

/** Adds the options that say where the ledger is: see `ConnectionOptions`. */
export function addConnectionOptions(command: Command): Command {
  return command
    .optionsGroup('Where (default: a local stack that runs here, else stack UploadLedger on AWS):')
    .addOption(new Option('--local', 'the local stack of this checkout'))
    .addOption(new Option('--stack <name>', 'the CloudFormation stack whose outputs name the ledger'))
    .addOption(new Option('--region <region>', 'AWS Region, when it is not the usual one'))
    .addOption(new Option('--profile <name>', 'profile of the AWS configuration'));
}
