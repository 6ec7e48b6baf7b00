/** A setup file of vitest: random tests begin with the run's seed, so that a failure comes again. */
import { configureGlobal } from "fast-check";

/** Any whole number: the same one gives the same run. */
export const seedVariable = "TEST_SEED";

configureGlobal({ seed: Number(process.env[seedVariable]) });
