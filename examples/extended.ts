/** `npm run extended`: the program in `extended/`, on the sources of this checkout. */
import { readArguments, readOrExit } from "../src/cli/command.ts";
import { toStartFailure } from "../src/cli/start-failure.ts";

const usage = `npm run extended -- [options]

  A gateway with a field from a CRM, a sign-in and a provider of its own: docs/extending.md explains it. It prints a
  query to run. Beside the settings in docs/configuration.md it reads three of its own:

  CRM_URL  where the CRM is; else a stand-in is started
  CRM_KEY  the key to it; else one is made for the stand-in
  API_KEY  the key with which other services sign in; else one is made

  --help   print this
`;

readOrExit(usage, (args) => readArguments(args, { options: {} }));
try {
  await import("./extended/main.ts");
} catch (error) {
  process.stderr.write(toStartFailure(error));
  process.exitCode = 1;
}
