/** What a newcomer can do next. */

/** @param steps what each is for, and the command, address or document for it. */
export function toNextSteps(steps: readonly (readonly [what: string, how: string])[]): string {
  const width = Math.max(...steps.map(([what]) => what.length));
  return `\nNext\n${steps.map(([what, how]) => `  ${what.padEnd(width)}  ${how}\n`).join("")}`;
}
