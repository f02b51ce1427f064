import type { Command } from 'commander';

/** Columns of the help texts. */
const WIDTH = 80;

const INTRODUCTION = `# The upload-ledger command

<!-- Written by "npm run lab -- cli-reference" from the definitions of the commands. Do not edit it here. -->

Searches the ledger, shows and redrives what failed, records what was uploaded before, and proves that nothing is missing.

\`\`\`sh
npm run upload-ledger -- list                                                # in a checkout
npm run package && npm install --global ./upload-ledger-0.1.0.tgz            # then anywhere: upload-ledger list
\`\`\`

**Where.** Without options, a command works on the local stack that runs in this checkout (\`npm start\`), else on the stack \`UploadLedger\` on
AWS, with the usual credentials and Region. \`--stack\`, \`--region\` and \`--profile\` name another one on AWS, \`--local\` the local one, \`--local-port\`
one of several local ones.
\`UPLOAD_LEDGER_STACK\` names the stack for all commands that are given no \`--stack\`; in a checkout, \`estimate\` needs \`--region\` or \`--profile\` with it.

**Reaching AWS.** Profiles, credentials and Region are those of the AWS command line, \`AWS_DEFAULT_REGION\` included; an empty variable counts
as none. The code of an MFA device is asked for on the terminal. \`HTTPS_PROXY\`, \`HTTP_PROXY\` and \`NO_PROXY\` are honoured (proxies that speak
HTTP or HTTPS), and so is \`AWS_CA_BUNDLE\`, the file of the CAs to trust in place of the usual ones. \`AWS_ENDPOINT_URL\` names another
endpoint for all services, \`AWS_ENDPOINT_URL_DYNAMODB\` and its like for one, such as those of an emulator. The command needs Node 24.5 or newer.

**Exit codes.** 0: done. 1: the answer is "no": something is missing, or failed. 2: the command could not be carried out, and one line on
standard error says why and what to do. 130: stopped by Ctrl-C, which ends \`local\` and \`console\` with 0: they are meant to be stopped.

**Output.** Tables are for people; a pipe gets the same rows without colour and with nothing cut. \`--json\` writes one JSON object per line.
Control characters in keys and other texts are shown as escapes such as \`\\x1b\`; JSON carries them exactly.

**CSV** is for spreadsheets. In a new file it begins with a byte order mark, by which Excel recognises UTF-8; in a pipe it does not. Control
characters are escapes there too (a key that really holds \`\\x1b\` has \`\\x5cx1b\`), and what would be a formula begins with an apostrophe.
Spreadsheets convert plain cells: \`007\`, \`1E5\` and \`3/4\` become numbers and dates unless the column is imported as text,
and Excel accepts 1,048,576 rows and 32,767 characters in a cell. Where that matters, use \`--json\`.
`;

/** The reference of all commands in Markdown, from their own help. */
export function renderReference(program: Command): string {
  const commands = leavesOf(program, program.name());
  const contents = commands.map(({ name, command }) => `- [\`${name}\`](#${anchorOf(name)}): ${command.description()}`);
  return [INTRODUCTION, ...contents, '', ...commands.flatMap(sectionOf)].join('\n');
}

interface Leaf {
  /** With the program's, such as `upload-ledger dlq list`. */
  readonly name: string;
  readonly command: Command;
}

function leavesOf(command: Command, name: string): Leaf[] {
  if (command.commands.length === 0) return [{ name, command }];
  return command.commands.flatMap((child) => leavesOf(child, `${name} ${child.name()}`));
}

function sectionOf({ name, command }: Leaf): string[] {
  return [`## ${name}`, '', '```text', helpOf(command).trim(), '```', ''];
}

/** What `--help` writes, the examples below the options included. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return help;
}

/** As the sites that show Markdown make it of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}
