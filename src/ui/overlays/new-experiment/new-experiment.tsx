import { useEffect, useEffectEvent, useState } from "react";
import { emptyDraft } from "../../../app/draft.js";
import type { Overlay } from "../../../app/slices/view.js";
import { useApp, useUi } from "../../hooks.js";
import { Dialog, type DialogSize, dialogHeight } from "../../widgets/dialog.js";
import { useKeys } from "../../widgets/use-keys.js";
import { draftOfForm, newForm, settled, unsentOf } from "./form.js";
import { pasted, pressed } from "./keys.js";
import { configHeightIn, FormRows, wantedHeight } from "./rows.js";

const width = 92;
/** Border above and below. */
const frameRows = 2;

/**
 * The form of a new experiment. Enter on the template and Enter again start it with what the template brings. Nothing that
 * was typed is lost: a failure stays in the form, and Esc keeps it for the next time.
 */
export function NewExperiment({ overlay }: { readonly overlay: Extract<Overlay, { kind: "newExperiment" }> }) {
  const { store, look } = useUi();
  const templates = useApp((state) => state.templates);
  const screenRows = useApp((state) => state.view.rows);
  const { form, setForm, keep, swap } = useForm(overlay);
  const height = wantedHeight(form.config.text) + frameRows;
  const configHeight = configHeightIn(dialogHeight(height, screenRows) - frameRows);
  const queues = useApp((state) => state.queues.rows);
  const context = { templates, queues, configHeight };

  useKeys(
    (key) => {
      if (key.name === "esc") {
        keep();
        store.dispatch({ type: "view/overlayClosed" });
      } else if (key.name === "ctrl-r") swap?.run();
      else setForm(pressed(form, key, context));
    },
    (text) => setForm(pasted(form, text, context)),
  );

  return (
    <Dialog
      title="New experiment"
      note={swap?.note}
      width={width}
      height={height}
      keys={[
        { key: "Tab", does: "next" },
        { key: look.unicode ? "←→" : "Left Right", does: "choose" },
        form.field === "config"
          ? { key: "Ctrl-S", does: form.start === "draft" ? "keep" : "start" }
          : { key: "Enter", does: "go on" },
        { key: "Esc", does: "close, keep" },
        ...(swap === null ? [] : [{ key: "Ctrl-R", does: swap.does }]),
      ]}
    >
      {(inner: DialogSize) => <FormRows form={form} templates={templates} queues={queues} size={inner} />}
    </Dialog>
  );
}

/** The form's state; sending it is an effect of `sending`. */
function useForm({ draft }: Extract<Overlay, { kind: "newExperiment" }>) {
  const { runner, memory } = useUi();
  const templates = useApp((state) => state.templates);
  const [first] = useState(() => newForm(draft, memory.read().unsent, templates));
  const [current, setForm] = useState(first);
  // With what was kept from last time in front, the other one is an empty form, and the other way round.
  const [other, setOther] = useState(() =>
    memory.read().unsent !== null && first.edited.length > 0 && draft.title === ""
      ? newForm(emptyDraft, null, templates)
      : null,
  );
  const form = settled(current, templates);

  const send = useEffectEvent(() => {
    const experiment = draftOfForm(form);
    if (experiment === null) return;
    void runner.create(experiment).then((failure) => {
      if (failure === null) memory.keep({ unsent: null });
      else setForm({ ...form, sending: false, sendWhenLoaded: false, failure });
    });
  });
  useEffect(() => {
    if (form.sending) send();
  }, [form.sending]);

  const keep = () => {
    const unsent = unsentOf(form);
    // Looking at a form, or at a copy, takes nothing of what was kept before.
    if (unsent !== null && JSON.stringify(unsent) !== JSON.stringify(unsentOf(first))) memory.keep({ unsent });
  };
  const swap =
    other === null || form.sending
      ? null
      : {
          note: other.edited.length === 0 ? "as you left it" : undefined,
          does: other.edited.length === 0 ? "empty form" : "as you left it",
          run() {
            setForm(other);
            setOther(form);
          },
        };
  return { form, setForm, keep, swap };
}
