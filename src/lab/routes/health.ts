import { Health, labProtocol } from "../../contract/discovery.js";
import { defineRoute } from "../http/route.js";

export const health = defineRoute({
  method: "get",
  path: "/v1/health",
  needs: null,
  summary: "Whether the lab answers, and which one it is",
  bare: true,
  result: Health,
  example: {},
  async handle({ services, version }) {
    const runningExperiments = await services.experiments.countRunning();
    return { data: { status: "ok", version, protocol: labProtocol, pid: process.pid, runningExperiments } };
  },
});
