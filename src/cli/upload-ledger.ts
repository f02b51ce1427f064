#!/usr/bin/env node

/** The first Node whose connections go through a proxy. The construct takes older ones, this command does not. */
const MIN_NODE = { major: 24, minor: 5 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > MIN_NODE.major || (major === MIN_NODE.major && minor >= MIN_NODE.minor)) {
  // Only now: an older Node may not even read it.
  const [{ endProgram, processContext }, { run }] = await Promise.all([import('./context.ts'), import('./program.ts')]);
  endProgram(process, await run(process.argv.slice(2), processContext(process)));
} else {
  const { major: wanted, minor: least } = MIN_NODE;
  process.stderr.write(
    `upload-ledger: the command needs Node ${wanted}.${least} or newer; this is Node ${process.versions.node}\n`,
  );
  process.exitCode = 2;
}
