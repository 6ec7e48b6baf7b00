// @ts-check
/** Ends the process with one line where Node is too old for the code. Plain JavaScript, which Node 18 can parse. */
const oldest = 24;

if (Number(process.versions.node.split(".")[0]) < oldest) {
  process.stderr.write(
    `Node ${oldest} or newer is needed, and this is ${process.version}: https://nodejs.org/en/download has it.\n`,
  );
  process.exit(1);
}
