import { Box } from "ink";
import { noteText } from "../../app/selectors/provider-notes.js";
import type { Link } from "../../contract/connection.js";
import { longDuration } from "../../core/duration.js";
import type { Tone } from "../../theme/tones.js";
import { useApp, useUi } from "../hooks.js";
import { fit, wrapWords } from "../paint/columns.js";
import { glyph } from "../paint/look.js";
import { Dialog } from "../widgets/dialog.js";
import { type Fact, Facts, Section } from "../widgets/facts.js";
import { Label } from "../widgets/label.js";
import { Scroll } from "../widgets/scroll.js";

const size = { width: 88, height: 18 };
const nameColumns = 13;

/** What this version can be attached to, and what it can't yet. Kept true by whoever adds a connection. */
const systems: readonly { readonly name: string; readonly works: boolean; readonly how: string }[] = [
  {
    name: "The lab on this machine",
    works: true,
    how: "Attached by itself, started when none runs. Another one: hubify-tui --data DIR.",
  },
  { name: "Hubify Labs", works: false, how: "Account with an API key: not in this version yet." },
  {
    name: "RunPod",
    works: true,
    how: "With RUNPOD_API_KEY set a lab has the account's pods; hubify-tui --runpod shows them without any lab.",
  },
  { name: "Polyaxon", works: false, how: "A server of your own: not in this version yet." },
];

/** What the screen is attached to, what that can't do, and what else there is. */
export function Connect() {
  const { store, runner, look } = useUi();
  const { label, lab, link, missing, failure } = useApp((state) => state.link);
  const nowMs = useApp((state) => state.view.nowMs);
  const isLost = link.state === "lost";
  const facts: readonly Fact[] = [
    { name: "Attached to", value: label === "" ? "nothing yet" : label, tone: "text.strong", wide: true },
    { name: "Lab", value: lab === null ? "–" : `${lab.name} (${lab.slug})`, wide: true },
    { name: "Link", ...linkFact(link, nowMs), wide: true },
    ...(failure === null
      ? []
      : [{ name: "Last failure", value: failure.message, tone: "notice.bad" as const, wide: true }]),
  ];
  return (
    <Dialog
      title="Connections"
      {...size}
      keys={[...(isLost ? [{ key: "r", does: "retry now" }] : []), { key: "Esc", does: "close" }]}
    >
      {({ width, height }) => (
        <Scroll
          width={width}
          height={height}
          onKey={(name) => {
            if (name === "esc") store.dispatch({ type: "view/overlayClosed" });
            if (name === "r" && isLost) void runner.run("link.retry");
          }}
        >
          <Facts facts={facts} width={width} />
          <Providers width={width} />
          <Missing missing={missing} width={width} />
          <Section title="Can be attached">
            {systems.map(({ name, works, how }) => (
              <Box key={name} flexDirection="column" flexShrink={0}>
                <Label tone={works ? "status.pass" : "text.muted"}>
                  {`${glyph(works ? "pass" : "stopped", look)} ${name}`}
                </Label>
                {wrapWords(how, width - 2).map((line, index) => (
                  <Label key={index} tone="text.muted">{`  ${line}`}</Label>
                ))}
              </Box>
            ))}
          </Section>
        </Scroll>
      )}
    </Dialog>
  );
}

const providerTones = {
  ok: "link.live",
  starting: "link.connecting",
  down: "alert.warning",
  off: "text.muted",
} as const;

/** How those do that pods come from. */
function Providers({ width }: { readonly width: number }) {
  const providers = useApp((state) => state.pods.providers);
  const nowMs = useApp((state) => state.view.nowMs);
  if (providers.length === 0) return null;
  return (
    <Section title="Where pods come from">
      {providers.flatMap((provider) =>
        wrapWords(noteText(provider, nowMs), width - nameColumns).map((line, index) => (
          <Label key={`${provider.name}${index}`}>
            <Label tone="text.muted">{fit(index === 0 ? provider.label : "", nameColumns)}</Label>
            <Label tone={providerTones[provider.state]}>{line}</Label>
          </Label>
        )),
      )}
    </Section>
  );
}

function Missing({
  missing,
  width,
}: {
  readonly missing: Readonly<Partial<Record<string, string>>>;
  readonly width: number;
}) {
  const entries = Object.entries(missing);
  if (entries.length === 0) return null;
  return (
    <Section title="Not offered by it">
      {entries.flatMap(([port, why = ""]) =>
        wrapWords(`${port}: ${why}`, width - 2).map((line, index) => (
          <Label key={`${port}${index}`}>{`  ${line}`}</Label>
        )),
      )}
    </Section>
  );
}

function linkFact(link: Link, nowMs: number): { readonly value: string; readonly tone: Tone } {
  switch (link.state) {
    case "live":
      return { value: "live", tone: "link.live" };
    case "connecting":
      return { value: `connecting: ${link.detail}`, tone: "link.connecting" };
    case "lost": {
      const wait = link.retryAt === null ? "" : `, next try in ${longDuration(Math.max(0, link.retryAt - nowMs))}`;
      return { value: `lost for ${longDuration(nowMs - link.since)}: ${link.reason}${wait}`, tone: "link.lost" };
    }
  }
}
