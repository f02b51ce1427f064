import type { Command } from 'commander';

/** Columns of the help texts. */
const WIDTH = 80;

const INTRODUCTION = `# The upload-ledger command

<!-- Written by "npm run lab -- cli-reference" from the definitions of the commands. Do not edit it here. -->

The command searches the ledger, shows and redrives failed messages, records older uploads, and compares a bucket with the ledger.

\`\`\`sh
npm run upload-ledger -- list                                                # in a checkout
npm run package && npm install --global ./upload-ledger-0.1.0.tgz            # then anywhere: upload-ledger list
\`\`\`

**Which ledger.** Without options, a command uses the local stack if one runs in this checkout (\`npm start\`). Otherwise it uses the stack
\`UploadLedger\` on AWS, with your usual credentials and Region. \`--stack\`, \`--region\` and \`--profile\` choose another stack on AWS, \`--local\` the local
stack, and \`--local-port\` one of several local stacks. \`UPLOAD_LEDGER_STACK\` is the stack for all commands without \`--stack\`; in a checkout, \`estimate\`
also needs \`--region\` or \`--profile\` with it.

**Access to AWS.** Profiles, credentials and Region are those of the AWS command line, including \`AWS_DEFAULT_REGION\`; an empty variable counts as
not set. The command asks for the code of an MFA device on the terminal. It uses \`HTTPS_PROXY\`, \`HTTP_PROXY\` and \`NO_PROXY\` (proxies that speak HTTP
or HTTPS), and \`AWS_CA_BUNDLE\`, a file of CAs to trust instead of the usual ones. \`AWS_ENDPOINT_URL\` sets another endpoint for all services, such as an
emulator; \`AWS_ENDPOINT_URL_DYNAMODB\` and similar variables set it for one service. The command needs Node 24.5 or newer.

**Exit codes.** 0: done. 1: the answer is "no": something is missing or has failed. 2: the command could not run, and one line on standard error says
why and what to do. 130: stopped by Ctrl-C (\`local\` and \`console\` end with 0 then, because this is how you stop them).

**Output.** Tables are for people; a pipe gets the same rows, without colour and without shortened texts. \`--json\` writes one JSON object per line.
Control characters in keys and other texts are shown as escapes such as \`\\x1b\`; JSON has the exact characters.

**CSV** is for spreadsheets. A new file begins with a byte order mark, so that Excel recognises UTF-8; in a pipe there is none. Control characters
are shown as escapes here too (a key that really contains the text \`\\x1b\` has \`\\x5cx1b\`), and a text that would be a formula begins with an
apostrophe. Spreadsheets convert plain cells: \`007\`, \`1E5\` and \`3/4\` become numbers and dates unless the column is imported as text. Excel accepts
1,048,576 rows and 32,767 characters in a cell. If this is a problem, use \`--json\`.
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
