/** How the gateway refuses bad input, and after which upstream calls. */

import { createWorld } from "../../../sandbox/world.ts";
import { startTestGateway, type TestGateway } from "../../support/helpers.ts";

export const start = () =>
  startTestGateway({ sandbox: { world: createWorld({ size: { people: 2, connectionsEach: 3, accountsEach: 1 } }) } });

/** How the only error of an answer is classified, and the paths of the calls that it took to find out. */
export async function refusal(gateway: TestGateway, document: string, variables: object = {}) {
  let found: unknown[] = [];
  const calls = await gateway.calls(async () => {
    const { errors } = await gateway.send(document, variables);
    found = errors.map(({ extensions }) => [extensions.code, extensions["field"]]);
  });
  return { found, calls: calls.map(({ method, path }) => `${method} ${path}`) };
}

export const refused = (field: string) => ({ found: [["BAD_USER_INPUT", field]], calls: [] });
