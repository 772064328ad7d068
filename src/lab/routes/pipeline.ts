import { z } from "zod";
import { AgentActivity, NewAgentActivity } from "../../contract/agent.js";
import { Figure } from "../../contract/figure.js";
import { NewPaperVersion, PaperVersion } from "../../contract/paper.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineRoute } from "../http/route.js";
import { LabError } from "../lab-error.js";

// What the seed's pipeline posts from its machine (Convex API seed, HTTP endpoints).

const maxImageBytes = 10 * 2 ** 20;
/** The image as base64 and what is told about it. */
const maxUploadBytes = Math.ceil((maxImageBytes * 4) / 3) + 2 ** 16;
const maxVersionBodyBytes = 8 * 2 ** 20;

export const pipelineActivity = defineRoute({
  method: "post",
  path: "/api/pipeline/activity",
  needs: "agents:write",
  summary: "What an agent of the pipeline did; an agent nobody has registered is registered as a worker",
  body: NewAgentActivity.extend({
    labId: z.string().min(1),
    /** Its name. */
    agent: z.string().min(1).max(80),
  }),
  result: AgentActivity,
  status: 201,
  example: { body: { labId: sampleIds.lab, agent: "vps-worker", kind: "info", message: "Figure 3 is drawn" } },
  async handle({ services }, { body: { labId, agent, ...entry } }) {
    return { data: await services.agents.reportByName(labId, agent, entry) };
  },
});

export const pipelinePaperVersion = defineRoute({
  method: "post",
  path: "/api/pipeline/paper-version",
  needs: "papers:write",
  summary: "Record a version of a paper after editing it; the paper is named by paperId or by slug",
  body: NewPaperVersion.extend({
    paperId: z.string().min(1).max(200).optional(),
    slug: z.string().min(1).max(200).optional(),
  }),
  maxBodyBytes: maxVersionBodyBytes,
  result: PaperVersion,
  status: 201,
  example: { body: { slug: sampleIds.paper, content: "# Evolving dark energy", editor: "vps-worker" } },
  async handle({ services }, { body: { paperId, slug, ...version } }) {
    const ref = paperId ?? slug;
    if (ref === undefined) throw new LabError("validation_error", "paperId: name the paper, by paperId or by slug");
    if (paperId !== undefined && slug !== undefined) {
      throw new LabError("validation_error", "slug: name the paper once, by paperId or by slug");
    }
    return { data: await services.papers.record(ref, version) };
  },
});

export const pipelineUploadMedia = defineRoute({
  method: "post",
  path: "/api/pipeline/upload-media",
  needs: "papers:write",
  summary: "A generated figure as base64 PNG of at most 10 MiB",
  body: z.object({
    labId: z.string().min(1),
    title: z.string().trim().min(1).max(500),
    /** The image; `data:image/png;base64,` may stand before it. */
    data: z.string().min(1),
    paperId: z.string().min(1).max(200).optional(),
    experimentId: z.string().min(1).max(200).optional(),
    figureType: z.string().trim().min(1).max(100).optional(),
  }),
  maxBodyBytes: maxUploadBytes,
  waits: true,
  result: Figure,
  status: 201,
  example: {
    body: {
      labId: sampleIds.lab,
      title: "w0-wa plane",
      data: samplePng(),
      paperId: sampleIds.paper,
      figureType: "chart",
    },
  },
  async handle({ services }, { body: { data, ...about } }) {
    const file = pngOf(data);
    const fileName = "figure.png";
    return { data: await services.figures.register({ ...about, source: "pipeline", file, fileName }) };
  },
});

const pngMagic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The bytes of a base64 PNG, in lines or not. Node's decoder drops what is no base64, so the text is looked at first. */
export function pngOf(text: string): Buffer {
  const base64 = text.replace(/^data:image\/png;base64,/, "").replaceAll(/[\r\n]/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw new LabError("validation_error", "data: must be base64 of a PNG image");
  }
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length > maxImageBytes) {
    throw new LabError(
      "payload_too_large",
      `data: the image has ${bytes.length} bytes; at most ${maxImageBytes} are taken`,
    );
  }
  if (!bytes.subarray(0, pngMagic.length).equals(pngMagic)) {
    throw new LabError("validation_error", "data: must be a PNG image; the bytes are those of something else");
  }
  return bytes;
}

/** One transparent pixel. */
function samplePng(): string {
  return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
}
