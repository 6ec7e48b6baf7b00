import type { Answer } from "./answer.ts";
import type { World } from "./world.ts";
export type PageRequest = {
  readonly method: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly body: string;
};
export const createPages = (_world: World): { answer(request: PageRequest): Answer | null } => ({ answer: () => null });
