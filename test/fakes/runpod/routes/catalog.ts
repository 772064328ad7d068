import { z } from "zod";
import { ok, Refusal } from "../answer.js";
import { cpuData, dataCenterData, type GpuData, publicTemplates } from "../catalog-data.js";
import type { Asked, Route } from "../route.js";
import { bestLevel } from "../stock.js";
import { listed, validated, wholeNumber } from "../validation.js";
import { without } from "../without.js";
import type { World } from "../world.js";

const GpuQuery = z.object({
  count: wholeNumber({ min: 1 }).optional(),
  cloud: z.enum(["SECURE", "COMMUNITY"]).optional(),
  minCudaVersion: z
    .string()
    .regex(/^\d+(\.\d+)?$/, "is not a CUDA version")
    .optional(),
  include: z
    .array(z.enum(["AVAILABILITY"]))
    .max(1)
    .optional(),
  product: z.array(z.enum(["POD", "CLUSTER", "SERVERLESS"])).optional(),
  countryCodes: z.array(z.string().regex(/^[A-Z]{2}$/, "is not a country code")).optional(),
  cudaVersions: z.array(z.string().regex(/^\d+\.\d+$/, "is not a CUDA version")).optional(),
});
type GpuQuery = z.infer<typeof GpuQuery>;

const cudaOffered = ["12.8", "12.6", "12.4"];

/** Filters count only with `include=AVAILABILITY`, which in turn needs a product: 400 either way. */
function gpuQuery(query: URLSearchParams): GpuQuery {
  const lists = ["include", "product", "countryCodes", "cudaVersions"];
  const asked = validated(GpuQuery, {
    ...Object.fromEntries(query),
    ...Object.fromEntries(lists.map((name) => [name, listed(query, name)])),
  });
  const { include, product, cudaVersions, minCudaVersion } = asked;
  if (include !== undefined && product === undefined) throw new Refusal(400, "include=AVAILABILITY requires product");
  const needsInclude = ["product", "count", "cloud", "countryCodes", "cudaVersions", "minCudaVersion"];
  const stray = needsInclude.find((name) => query.has(name));
  if (include === undefined && stray !== undefined) {
    throw new Refusal(400, `${stray} is valid only with include=AVAILABILITY`);
  }
  if (cudaVersions !== undefined && minCudaVersion !== undefined) {
    throw new Refusal(400, "cudaVersions and minCudaVersion are mutually exclusive");
  }
  return asked;
}

function gpuToWire(world: World, gpu: GpuData, asked: GpuQuery): Record<string, unknown> {
  const wire = {
    ...without(gpu, "vcpuPerGpu", "ramGbPerGpu", "free"),
    secure: gpu.maxCount.secure > 0,
    community: gpu.maxCount.community > 0,
  };
  if (asked.include === undefined) return wire;
  const places = availability(world, gpu, asked);
  const level = bestLevel(places.map((place) => place.availability));
  return {
    ...wire,
    availability: level,
    ...(places.length === 0 ? {} : { dataCenters: places }),
    ...(gpu.manufacturer === "NVIDIA" ? { cudaVersions: cudaToWire(asked, level !== "NONE") } : {}),
  };
}

function availability(world: World, gpu: GpuData, { cloud = "SECURE", count = 1, countryCodes }: GpuQuery) {
  const most = cloud === "SECURE" ? gpu.maxCount.secure : gpu.maxCount.community;
  if (count > most) return [];
  return dataCenterData
    .filter(({ id }) => world.stock.offeredIn(gpu.id, cloud).includes(id))
    .filter(({ country }) => countryCodes === undefined || countryCodes.includes(country))
    .map(({ id, name }) => ({ id, name, availability: world.stock.level(gpu.id, cloud, id, count) }));
}

function cudaToWire({ cudaVersions, minCudaVersion }: GpuQuery, available: boolean) {
  const floor = minCudaVersion === undefined ? 0 : Number(minCudaVersion);
  return cudaOffered
    .filter((version) => Number(version) >= floor && (cudaVersions === undefined || cudaVersions.includes(version)))
    .map((version) => ({ version, available }));
}

function gpus({ world, query }: Asked) {
  const asked = gpuQuery(query);
  const wires = [...world.gpus.values()].map((gpu) => gpuToWire(world, gpu, asked));
  // A type with no place in the asked countries drops out of the list.
  return ok({ gpus: asked.countryCodes === undefined ? wires : wires.filter((wire) => "dataCenters" in wire) });
}

function gpu({ world, query, params }: Asked) {
  const found = world.gpus.get(params["id"] ?? "");
  if (found === undefined) throw new Refusal(404, "GPU type not found");
  return ok(gpuToWire(world, found, gpuQuery(query)));
}

const CenterQuery = z.object({
  include: z.array(z.enum(["GPU_AVAILABILITY", "CPU_AVAILABILITY"])).optional(),
  regions: z.array(z.string()).optional(),
  networkVolumeTypes: z.array(z.enum(["STANDARD", "HIGH_PERFORMANCE"])).optional(),
  compliance: z.array(z.string()).optional(),
  globalNetwork: z.enum(["true", "false"]).optional(),
});

function dataCenters({ world, query }: Asked) {
  const lists = ["include", "regions", "networkVolumeTypes", "compliance"];
  const asked = validated(CenterQuery, {
    globalNetwork: query.get("globalNetwork") ?? undefined,
    ...Object.fromEntries(lists.map((name) => [name, listed(query, name)])),
  });
  const found = dataCenterData
    .filter(({ region }) => asked.regions === undefined || asked.regions.includes(region))
    .filter(({ networkVolumeTypes: has }) => (asked.networkVolumeTypes ?? []).every((one) => has.includes(one)))
    .filter(({ compliance: has }) => (asked.compliance ?? []).every((one) => has.includes(one)))
    .filter((one) => asked.globalNetwork === undefined || String(one.globalNetwork) === asked.globalNetwork);
  return ok({ dataCenters: found.map((one) => centerToWire(world, one, asked.include ?? [])) });
}

function centerToWire(world: World, data: (typeof dataCenterData)[number], include: readonly string[]) {
  const offered = [...world.gpus.values()]
    .filter((one) => world.stock.offeredIn(one.id, "SECURE").includes(data.id))
    .map((one) => ({ id: one.id, name: one.name, availability: world.stock.level(one.id, "SECURE", data.id, 1) }));
  return {
    ...without(data, "country"),
    ...(include.includes("GPU_AVAILABILITY") && offered.length > 0 ? { gpuAvailability: offered } : {}),
    ...(include.includes("CPU_AVAILABILITY")
      ? { cpuAvailability: cpuData.map(({ id, name }) => ({ id, name, availability: "MEDIUM" })) }
      : {}),
  };
}

function dataCenter(asked: Asked) {
  const found = dataCenterData.find(({ id }) => id === asked.params["id"]);
  if (found === undefined) throw new Refusal(404, "data center not found");
  return ok(centerToWire(asked.world, found, listed(asked.query, "include") ?? []));
}

function cpus({ query }: Asked) {
  const include = listed(query, "include");
  if (include !== undefined && !query.has("product")) throw new Refusal(400, "include=AVAILABILITY requires product");
  return ok({
    cpus: cpuData.map(({ usdPerVcpuHour, ...cpu }) => ({
      ...cpu,
      price: { securePerVcpu: usdPerVcpuHour, serverlessPerVcpu: usdPerVcpuHour * 2 },
      ...(include === undefined
        ? {}
        : { availability: "MEDIUM", dataCenters: [{ id: "EU-RO-1", name: "EU Romania 1", availability: "MEDIUM" }] }),
    })),
  });
}

function templates({ query }: Asked) {
  const source = query.get("source");
  const found = publicTemplates.filter((one) => source === null || one.source === source);
  return ok({ templates: found.map((one) => publicTemplate(without(one, "source"))) });
}

const publicTemplate = (one: { id: string; name: string; image: string }) => ({
  ...one,
  args: "",
  disk: 50,
  mounts: { persistent: { size: 20, path: "/workspace" } },
  ports: ["22/tcp", "8888/http"],
  env: {},
  registry: null,
  serverless: false,
  public: true,
  category: "NVIDIA",
  startSsh: true,
  startJupyter: true,
  allowedCudaVersions: [],
});

export const catalogRoutes: readonly Route[] = [
  { method: "GET", path: "/v2/catalog/gpus", area: "catalog", answer: gpus },
  { method: "GET", path: "/v2/catalog/gpus/:id", area: "catalog", answer: gpu },
  { method: "GET", path: "/v2/catalog/datacenters", area: "catalog", answer: dataCenters },
  { method: "GET", path: "/v2/catalog/datacenters/:id", area: "catalog", answer: dataCenter },
  { method: "GET", path: "/v2/catalog/cpus", area: "catalog", answer: cpus },
  { method: "GET", path: "/v2/catalog/templates", area: "catalog", answer: templates },
];
