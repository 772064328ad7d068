import type { Pod, SshAccess } from "../../contract/pod.js";
import { LabError } from "../lab-error.js";

/** How to log in to a pod, with the command itself; refused with the reason where nobody can. */
export function sshCommandOf({ ssh, sshReason, name, provider }: Pod): SshAccess & { readonly command: string } {
  if (ssh !== null) return { ...ssh, command: `ssh ${ssh.username}@${ssh.host} -p ${ssh.port}` };
  const unsaid = provider === "local" ? "you are on it" : "its provider does not say how to reach it";
  throw new LabError("conflict", `${name} has no ssh: ${sshReason ?? unsaid}`);
}
