import { z } from "zod";

const Mounts = z
  .strictObject({
    persistent: z.strictObject({ size: z.int().min(10), path: z.string() }),
    network: z.array(z.strictObject({ volumeId: z.string(), path: z.string() })).max(1),
  })
  .partial();

const container = {
  args: z.string(),
  disk: z.int().min(1),
  env: z.record(z.string(), z.string()),
  image: z.string(),
  ports: z.array(z.string()),
  cmd: z.array(z.string()),
  entrypoint: z.array(z.string()),
  registry: z.string().nullable(),
  mounts: Mounts,
};

const cudaVersion = z.string().regex(/^\d+\.\d+$/, "does not match pattern '^\\d+\\.\\d+$'");

const Gpu = z.strictObject({
  id: z.string(),
  count: z.int().min(1).optional(),
  allowedCudaVersions: z.array(cudaVersion).optional(),
  minCudaVersion: cudaVersion.optional(),
  minRamPerGpu: z.int().min(1).optional(),
  minVcpuCountPerGpu: z.int().min(1).optional(),
});

const name = z.string().min(1);

/** Unknown fields are refused at every level, as the real service does. */
export const CreatePod = z
  .strictObject({
    ...container,
    cloud: z.enum(["SECURE", "COMMUNITY"]),
    cpu: z.strictObject({ id: z.string().min(1), vcpuCount: z.int().min(2) }),
    dataCenterIds: z.array(z.string()),
    globalNetworking: z.boolean(),
    gpu: Gpu,
    startJupyter: z.boolean(),
    startSsh: z.boolean(),
    templateId: z.string().min(1),
  })
  .partial()
  .extend({ name });
export type CreatePod = z.infer<typeof CreatePod>;

export const UpdatePod = z
  .strictObject({ ...container, globalNetworking: z.boolean(), locked: z.boolean(), name, templateId: z.string() })
  .partial();
export type UpdatePod = z.infer<typeof UpdatePod>;

export const PodActionBody = z.strictObject({ action: z.enum(["start", "stop", "restart", "terminate"]) });

const template = {
  ...container,
  allowedCudaVersions: z.array(cudaVersion),
  category: z.enum(["CPU", "NVIDIA", "AMD"]),
  public: z.boolean(),
  serverless: z.boolean(),
  startJupyter: z.boolean(),
  startSsh: z.boolean(),
};

export const CreateTemplate = z.strictObject(template).partial().extend({ name, image: z.string() });
export const UpdateTemplate = z.strictObject({ ...template, name }).partial();
