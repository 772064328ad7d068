import type { Pod } from "../../contract/pod.js";
import type { AppState } from "../store.js";
import type { Cause, Rule } from "./cause.js";

/** A provider that does not answer is one alert, whatever it rents: what bills there is not watched. */
export const providerDown: Rule = (state) => {
  const told = downByLab(state);
  const names = new Set(told.map(({ name }) => name));
  return [
    ...told.map(({ name, label, reason }) => {
      const pods = state.pods.rows.filter(({ provider, status }) => provider === name && status !== "terminated");
      return cause(name, pods, `${reason ?? `${label} does not answer`}${unwatched(pods)}`);
    }),
    ...[...downByPod(state)].flatMap(([name, pods]) => {
      if (names.has(name)) return [];
      const count = pods.length === 1 ? "1 pod" : `${pods.length} pods`;
      return [cause(name, pods, `${name} does not answer, ${count}: ${pods[0]?.trouble?.message ?? ""}`)];
    }),
  ];
};

/** While the link is lost nobody tells how they do now, and the link is the alert. */
function downByLab({ pods, link }: AppState) {
  return link.link.state === "lost" ? [] : pods.providers.filter(({ state }) => state === "down");
}

/** Of a lab that does not tell of its providers. */
function downByPod({ pods }: AppState): Map<string, Pod[]> {
  const down = new Map<string, Pod[]>();
  for (const pod of pods.rows) {
    if (pod.trouble?.code !== "providerDown" || pod.status === "terminated") continue;
    down.set(pod.provider, [...(down.get(pod.provider) ?? []), pod]);
  }
  return down;
}

function cause(name: string, pods: readonly Pod[], text: string): Cause {
  const severity = pods.length > 0 ? "critical" : "warning";
  return { key: `provider.down:${name}`, severity, text, target: pods[0]?._id ?? null };
}

const unwatched = ({ length }: readonly Pod[]) =>
  length === 0 ? "" : length === 1 ? "; 1 pod there is not watched" : `; ${length} pods there are not watched`;
