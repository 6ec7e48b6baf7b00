/** What is known of a setting. */
import type { Shape } from "./shapes.ts";

export type Setting = {
  readonly shape: Shape;
  /** As one would write it. */
  readonly default?: string;
  /** In place of a default, in Markdown: what holds while it is not set. */
  readonly unset?: string;
  /** What it is and how to choose it, in Markdown. */
  readonly meaning: string;
  /** Whether a running gateway takes over a change on SIGHUP. */
  readonly isReloadable?: true;
  readonly isSecret?: true;
};
