import { z } from "zod";
import type { LogStreams } from "../log-streams.js";
import type { Route } from "../route.js";
import { validated, wholeNumber } from "../validation.js";
import { podOf } from "./pods.js";

const LogsQuery = z.object({
  source: z.enum(["container", "system"]).optional(),
  tail: wholeNumber({ min: 0, max: 5000 }).default(100),
  since: z.iso.datetime({ offset: true }).optional(),
});

export const logRoutes = (streams: LogStreams): readonly Route[] => [
  {
    method: "GET",
    path: "/v2/pods/:id/logs",
    area: "pods",
    answer: (asked) => {
      const pod = podOf(asked);
      const { source, tail, since } = validated(LogsQuery, Object.fromEntries(asked.query));
      const lastEventId = asked.headers["last-event-id"];
      return streams.follow(pod, {
        source,
        tail,
        sinceMs: since === undefined ? undefined : Date.parse(since),
        lastEventId: typeof lastEventId === "string" ? lastEventId : undefined,
      });
    },
  },
];
