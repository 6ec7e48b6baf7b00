import { createRequire } from "node:module";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** What `babel-plugin-relay` does in an app: a document becomes an import of what the compiler made of it. */
const relay: Plugin = {
  name: "relay",
  enforce: "pre",
  transform(code, id) {
    if (!/\/relay\/[\w-]+\.ts$/.test(id)) return null;
    const names: string[] = [];
    const body = code.replace(
      /graphql`\s*(?:query|mutation|subscription|fragment) (\w+)[^`]*`/g,
      (_all, name: string) => {
        names.push(name);
        return name;
      },
    );
    return [...names.map((name) => `import ${name} from "./__generated__/${name}.graphql.ts";`), body].join("\n");
  },
};

export default defineConfig({
  plugins: [relay],
  // One copy of graphql for sources and dependencies alike: a schema is of the copy that made it.
  resolve: { alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql") }] },
  test: {
    include: ["test/*.test.ts"],
    reporters: ["default", "../../test/support/closing-line.ts"],
    globalSetup: "../../test/support/run.ts",
    sequence: { concurrent: true }, // most of the time is waiting for a bank
    testTimeout: 20_000,
  },
});
