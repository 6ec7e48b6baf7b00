/** What the routes of the REST API get, where they are added, and the paths that several share. */
import type { RoutedRequest, Router } from "../http/router.ts";

export type RestRequest = RoutedRequest & {
  /** Where the sandbox is reached: links start with it. */
  readonly origin: string;
};

export type Routes = Pick<Router<RestRequest>, "on" | "onPublic">;

export const userPath = "/payment-service-users/:psu";
export const userOnConnectorPath = `${userPath}/connectors/:connector`;
