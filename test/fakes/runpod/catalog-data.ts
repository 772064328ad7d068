/** What the fake rents out: RunPod's own ids, prices of our own choosing near the public ones. */
export interface GpuData {
  readonly id: string;
  readonly name: string;
  readonly pool: string | null;
  readonly manufacturer: "NVIDIA" | "AMD";
  /** Video memory of one GPU, GB. */
  readonly memory: number;
  readonly price: { readonly secure: number; readonly community: number };
  readonly maxCount: { readonly secure: number; readonly community: number };
  readonly vcpuPerGpu: number;
  readonly ramGbPerGpu: number;
  /** GPUs free at the start, by data centre; community ones are a quarter of them. */
  readonly free: Readonly<Record<string, number>>;
}

const hopper = { manufacturer: "NVIDIA", vcpuPerGpu: 24, ramGbPerGpu: 188 } as const;
const ampere = { manufacturer: "NVIDIA", vcpuPerGpu: 16, ramGbPerGpu: 117 } as const;
const small = { manufacturer: "NVIDIA", vcpuPerGpu: 16, ramGbPerGpu: 62 } as const;
const eight = { secure: 8, community: 0 };

export const gpuData: readonly GpuData[] = [
  {
    ...hopper,
    id: "NVIDIA H200",
    name: "H200 SXM",
    pool: "HOPPER_141",
    memory: 141,
    price: { secure: 3.59, community: 3.29 },
    maxCount: eight,
    free: { "EU-RO-1": 12, "US-TX-3": 16, "CA-MTL-1": 2 },
  },
  {
    ...hopper,
    id: "NVIDIA H200 NVL",
    name: "H200 NVL",
    pool: null,
    memory: 143,
    price: { secure: 3.39, community: 0 },
    maxCount: eight,
    free: { "US-KS-2": 4 },
  },
  {
    ...hopper,
    id: "NVIDIA H100 80GB HBM3",
    name: "H100 SXM",
    pool: "HOPPER_80",
    memory: 80,
    price: { secure: 2.69, community: 2.49 },
    maxCount: { secure: 8, community: 8 },
    free: { "EU-RO-1": 24, "US-TX-3": 10, "AP-JP-1": 8, "EU-SE-1": 1 },
  },
  {
    ...hopper,
    id: "NVIDIA H100 PCIe",
    name: "H100 PCIe",
    pool: "HOPPER_80",
    memory: 80,
    price: { secure: 2.39, community: 1.99 },
    maxCount: { secure: 8, community: 4 },
    free: { "US-KS-2": 6, "EU-SE-1": 2 },
  },
  {
    ...hopper,
    id: "NVIDIA H100 NVL",
    name: "H100 NVL",
    pool: "HOPPER_80",
    memory: 94,
    price: { secure: 2.79, community: 2.59 },
    maxCount: eight,
    free: { "US-TX-3": 0 },
  },
  {
    ...ampere,
    id: "NVIDIA A100-SXM4-80GB",
    name: "A100 SXM",
    pool: "AMPERE_80",
    memory: 80,
    price: { secure: 1.49, community: 1.39 },
    maxCount: { secure: 8, community: 8 },
    free: { "US-KS-2": 20, "EU-RO-1": 6, "US-TX-3": 9 },
  },
  {
    ...ampere,
    id: "NVIDIA A100 80GB PCIe",
    name: "A100 PCIe",
    pool: "AMPERE_80",
    memory: 80,
    price: { secure: 1.39, community: 1.19 },
    maxCount: { secure: 8, community: 8 },
    free: { "EU-SE-1": 10, "CA-MTL-1": 6 },
  },
  {
    ...small,
    id: "NVIDIA L40S",
    name: "L40S",
    pool: "ADA_48_PRO",
    memory: 48,
    price: { secure: 0.86, community: 0.79 },
    maxCount: { secure: 8, community: 8 },
    free: { "US-TX-3": 30, "EU-RO-1": 3 },
  },
  {
    ...small,
    id: "NVIDIA GeForce RTX 4090",
    name: "RTX 4090",
    pool: "ADA_24",
    memory: 24,
    price: { secure: 0.44, community: 0.31 },
    maxCount: { secure: 8, community: 4 },
    free: { "US-KS-2": 40, "EU-SE-1": 12, "AP-JP-1": 5 },
  },
  {
    ...hopper,
    id: "AMD Instinct MI300X OAM",
    name: "MI300X",
    manufacturer: "AMD",
    pool: null,
    memory: 192,
    price: { secure: 2.49, community: 0 },
    maxCount: eight,
    free: { "EU-RO-1": 1 },
  },
];

export interface DataCenterData {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly country: string;
  readonly compliance: readonly string[];
  readonly globalNetwork: boolean;
  readonly networkVolumeTypes: readonly string[];
}

export const dataCenterData: readonly DataCenterData[] = [
  center("EU-RO-1", "EU Romania 1", "EUROPE", ["GDPR", "ISO_IEC_27001"]),
  center("EU-SE-1", "EU Sweden 1", "EUROPE", ["GDPR", "RENEWABLE"]),
  center("US-KS-2", "US Kansas 2", "NORTH_AMERICA", ["SOC_2_TYPE_2", "ISO_IEC_27001"]),
  center("US-TX-3", "US Texas 3", "NORTH_AMERICA", ["SOC_2_TYPE_2", "HIPAA"]),
  center("CA-MTL-1", "CA Montreal 1", "NORTH_AMERICA", ["SOC_2_TYPE_2", "RENEWABLE"]),
  center("AP-JP-1", "AP Japan 1", "ASIA", ["ISO_IEC_27001"]),
];

function center(id: string, name: string, region: string, compliance: readonly string[]): DataCenterData {
  const [area = "", place = ""] = id.split("-");
  return {
    id,
    name,
    region,
    country: area === "US" || area === "CA" ? area : place,
    compliance,
    globalNetwork: area !== "AP",
    networkVolumeTypes: area === "AP" ? [] : ["STANDARD", "HIGH_PERFORMANCE"],
  };
}

export interface CpuData {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly vcpu: { readonly min: number; readonly max: number };
  readonly ramGbPerVcpu: number;
  readonly usdPerVcpuHour: number;
}

export const cpuData: readonly CpuData[] = [
  {
    id: "cpu3c",
    name: "Compute-Optimized",
    group: "cpu3",
    vcpu: { min: 2, max: 32 },
    ramGbPerVcpu: 2,
    usdPerVcpuHour: 0.03,
  },
  {
    id: "cpu5g",
    name: "General Purpose",
    group: "cpu5",
    vcpu: { min: 2, max: 32 },
    ramGbPerVcpu: 4,
    usdPerVcpuHour: 0.04,
  },
];

/** Disk, USD per GB and month of 730 hours; a stopped pod's volume costs twice. Docs of August 2026. */
export const diskUsdPerGbMonth = { container: 0.1, volumeRunning: 0.1, volumeStopped: 0.2, network: 0.07 } as const;
export const hoursPerMonth = 730;

/** A public template of each source; `source=` of the catalog filters them. */
export const publicTemplates = [
  { id: "runpod-torch", name: "PyTorch", image: "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404", source: "official" },
  { id: "runpod-ubuntu", name: "Ubuntu", image: "runpod/base:1.0.2-ubuntu2404", source: "verified" },
  { id: "emcee-lab", name: "Sampler lab", image: "example/sampler:3", source: "community" },
] as const;
