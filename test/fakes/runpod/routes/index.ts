import type { LogStreams } from "../log-streams.js";
import type { Route } from "../route.js";
import { accountRoutes } from "./account.js";
import { billingRoutes } from "./billing.js";
import { catalogRoutes } from "./catalog.js";
import { graphqlRoutes } from "./graphql.js";
import { logRoutes } from "./logs.js";
import { networkVolumeRoutes } from "./network-volumes.js";
import { podRoutes } from "./pods.js";
import { templateRoutes } from "./templates.js";

/** Every route the fake answers. */
export const routesOf = (streams: LogStreams): readonly Route[] => [
  ...podRoutes,
  ...logRoutes(streams),
  ...catalogRoutes,
  ...accountRoutes,
  ...templateRoutes,
  ...networkVolumeRoutes,
  ...billingRoutes,
  ...graphqlRoutes,
];
