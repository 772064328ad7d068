import type { PodTrouble } from "../../contract/pod.js";

interface Known {
  readonly pattern: RegExp;
  readonly code: string;
  readonly message: string;
}

/** What ssh and the far side print (OpenSSH in the C locale), the telling lines before the general ones. */
const known: readonly Known[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed|Host key verification failed/,
    code: "hostKeyChanged",
    message: "its host key is another than before: refused; if it was made anew, forget the old key and connect again",
  },
  {
    pattern: /UNPROTECTED PRIVATE KEY FILE|Load key .*:|Identity file .* not accessible|no such identity/,
    code: "keyUnreadable",
    message: "the ssh key of the config can't be read: look at its path and its rights",
  },
  {
    pattern: /Too many authentication failures/,
    code: "keyRefused",
    message: "too many keys were offered: name the right one as ssh key in the config",
  },
  {
    pattern: /Permission denied \(/,
    code: "keyRefused",
    message: "your ssh key is not on it: register the key with the provider, then make or restart the pod",
  },
  {
    pattern: /Could not resolve hostname/,
    code: "unreachable",
    message: "its name is not known: no DNS entry, or no network here",
  },
  { pattern: /Connection refused/, code: "noSshd", message: "connection refused: no sshd in its image, or not up yet" },
  {
    pattern: /timed out|No route to host|Network is unreachable|Host is down/,
    code: "unreachable",
    message: "no answer from its address",
  },
  {
    pattern: /open failed|MaxSessions|refused our request|Session open refused|exec request failed/i,
    code: "tooManySessions",
    message: "it takes no more sessions: MaxSessions of its sshd is reached",
  },
  {
    pattern: /doesn't support PTY|does not support PTY/i,
    code: "noDirectSsh",
    message: "it is RunPod's relay, which runs no commands: expose 22/tcp for direct ssh",
  },
  { pattern: /No space left on device|Disk quota exceeded/, code: "diskFull", message: "its disk is full" },
  { pattern: /Read-only file system/, code: "homeNotWritable", message: "its disk is read-only" },
  {
    pattern: /cannot create directory|can't create directory/i,
    code: "homeNotWritable",
    message: "its home can't be written",
  },
  {
    pattern: /\bsh: (command )?not found|exec sh: not found|No such file or directory.*\bsh\b|\bsh: No such file/,
    code: "noShell",
    message: "its image has no shell: runs need sh and the usual small programs",
  },
  {
    pattern: /This account is (currently )?not available|expired/,
    code: "keyRefused",
    message: "its account takes no logins",
  },
  {
    pattern: /kex_exchange_identification|Connection reset|Connection closed|Broken pipe|closed by remote host/,
    code: "unreachable",
    message: "the connection was closed",
  },
];

/** Why a session ended or never came up, from what ssh said last. Without a known word: the last line as it is. */
export function sshTrouble(stderr: string): PodTrouble {
  const found = known.find(({ pattern }) => pattern.test(stderr));
  if (found !== undefined) return { code: found.code, message: found.message };
  const last = stderr.trim().split("\n").at(-1)?.trim() ?? "";
  return { code: "unreachable", message: last === "" ? "the connection was lost" : `ssh: ${last.slice(0, 200)}` };
}

/** Troubles that pass by themselves are tried again soon; a person has to do something about the others. */
export function passesByItself({ code }: PodTrouble): boolean {
  return code === "unreachable" || code === "noSshd" || code === "tooManySessions";
}
