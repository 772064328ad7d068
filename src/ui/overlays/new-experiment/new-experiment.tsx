import { useEffect, useEffectEvent, useState } from "react";
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
  const { store, look, memory } = useUi();
  const templates = useApp((state) => state.templates);
  const screen = useApp((state) => state.view);
  const { form, setForm } = useForm(overlay);
  const height = wantedHeight(form.config.text) + frameRows;
  const configHeight = configHeightIn(dialogHeight(height, screen.rows) - frameRows);
  const context = { templates, configHeight };

  useKeys(
    (key) => {
      if (key.name !== "esc") {
        setForm(pressed(form, key, context));
        return;
      }
      memory.keep({ unsent: unsentOf(form) });
      store.dispatch({ type: "view/overlayClosed" });
    },
    (text) => setForm(pasted(form, text, context)),
  );

  return (
    <Dialog
      title="New experiment"
      note={form.edited.length > 0 && overlay.draft.title === "" ? "what you type is kept" : undefined}
      width={width}
      height={height}
      keys={[
        { key: "Tab", does: "next" },
        { key: look.unicode ? "←→" : "Left Right", does: "choose" },
        form.field === "config" ? { key: "Ctrl-S", does: "start" } : { key: "Enter", does: "go on" },
        { key: "Esc", does: "close, keep" },
      ]}
    >
      {(inner: DialogSize) => <FormRows form={form} templates={templates} size={inner} />}
    </Dialog>
  );
}

/** The form's state; sending it is an effect of `sending`. */
function useForm({ draft }: Extract<Overlay, { kind: "newExperiment" }>) {
  const { runner, memory } = useUi();
  const templates = useApp((state) => state.templates);
  const [kept, setForm] = useState(() => newForm(draft, memory.read().unsent, templates));
  const form = settled(kept, templates);
  const send = useEffectEvent(() => {
    const experiment = draftOfForm(form);
    if (experiment === null) return;
    void runner.create(experiment).then((failure) => {
      if (failure === null) memory.keep({ unsent: null });
      else setForm({ ...form, sending: false, failure });
    });
  });
  useEffect(() => {
    if (form.sending) send();
  }, [form.sending]);
  return { form, setForm };
}
