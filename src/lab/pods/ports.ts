import type { PodTrouble, SshAccess } from "../../contract/pod.js";

/** What the pods need of the runs on them. */
export interface PodRuns {
  /** Brings home what is only on the pod, as far as the link goes. `left`: display ids of those whose outputs stayed there, `reason` why. */
  fetchOutputs(podId: string): Promise<{ readonly left: readonly string[]; readonly reason: string | null }>;
  /** The pod is gone or switched off: its runs end with this reason. */
  forsake(podId: string, reason: string): Promise<void>;
}

/** How the lab reaches a pod. */
export interface PodAddress extends SshAccess {
  /** The pod's name, for people. */
  readonly name: string;
  readonly identityFile: string | null;
}

/** The ssh sessions of the lab, one for each pod at most. */
export interface PodHosts {
  /** Keeps a session to this address; one that goes elsewhere is replaced. */
  connect(podId: string, address: PodAddress): void;
  drop(podId: string): void;
  /** It was started again by us, so its host key may be another. */
  forgetKey(podId: string): void;
  /** `unreachable` `hostKeyChanged` `noSshd` `diskFull` `clockWrong` …; null: nothing is known to be wrong. */
  troubleOf(podId: string): PodTrouble | null;
}
