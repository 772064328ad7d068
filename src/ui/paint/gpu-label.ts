import type { Pod } from "../../contract/pod.js";

/** `8×H100`, `CPU`, whole `8×NVIDIA H100 80GB HBM3`; a pod that has lost its GPU is `0×H200`, not a machine without. */
export function gpuLabel(
  { gpuCount, gpuType }: Pick<Pod, "gpuCount" | "gpuType">,
  { unicode = true, whole = false }: { readonly unicode?: boolean; readonly whole?: boolean } = {},
): string {
  if (gpuCount === 0 && (gpuType === "" || /\bcpu/i.test(gpuType))) return "CPU";
  return `${gpuCount}${unicode ? "×" : "x"}${whole ? gpuType : shortGpu(gpuType)}`;
}

/** `NVIDIA H200 141GB` is `H200` here. */
function shortGpu(gpuType: string): string {
  const known = /\b(?:[ABHLV]\d{2,3}S?|RTX ?(?:A?\d{4})(?: Ti)?|T4|GH200|MI\d{3}X?)\b/i.exec(gpuType);
  return known?.[0] ?? gpuType;
}
