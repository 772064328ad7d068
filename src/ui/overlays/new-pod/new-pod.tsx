import { useEffect, useEffectEvent, useState } from "react";
import type { Overlay } from "../../../app/slices/view.js";
import { useApp, useUi } from "../../hooks.js";
import { Dialog, dialogHeight } from "../../widgets/dialog.js";
import { useKeys } from "../../widgets/use-keys.js";
import { draftOfPodForm, newPodForm, type PodForm, settledPod, unsentPodOf } from "./form.js";
import { podPasted, podPressed } from "./keys.js";
import { PodRows, podRowsIn, wantedHeight } from "./rows.js";

const width = 96;
/** Border above and below. */
const frameRows = 2;

/**
 * The form of a new pod: what can be rented now and for how much, and all the money before the last Enter. Nothing that was
 * typed is lost: a failure stays in the form, and Esc keeps it for the next time.
 */
export function NewPod({ overlay }: { readonly overlay: Extract<Overlay, { kind: "newPod" }> }) {
  const { store, runner, look } = useUi();
  const stock = useApp((state) => state.stock);
  const screenRows = useApp((state) => state.view.rows);
  const { form, setForm, keep } = usePodForm(overlay);
  const inner = dialogHeight(wantedHeight + frameRows, screenRows) - frameRows;
  const context = { stock: stock.rows ?? [], listHeight: podRowsIn(inner).list };

  useKeys(
    (key) => {
      if (key.name === "esc") {
        keep();
        store.dispatch({ type: "view/overlayClosed" });
      } else if (key.name === "ctrl-r") void runner.run("pods.stock");
      else setForm(podPressed(form, key, context));
    },
    (text) => setForm(podPasted(form, text, context)),
  );

  return (
    <Dialog
      title="New pod"
      width={width}
      height={wantedHeight + frameRows}
      keys={[
        { key: "Tab", does: "next" },
        { key: look.unicode ? "↑↓←→" : "Arrows", does: "choose" },
        { key: "Enter", does: form.field === "send" ? "rent it" : "go on" },
        ...(form.field === "send" ? [] : [{ key: "Ctrl-S", does: "to the end" }]),
        { key: "Ctrl-R", does: "stock again" },
        { key: "Esc", does: "close, keep" },
      ]}
    >
      {(size) => <PodRows form={form} stock={stock} size={size} />}
    </Dialog>
  );
}

/** The form's state; sending it is an effect of `sending`. */
function usePodForm({ draft }: Extract<Overlay, { kind: "newPod" }>) {
  const { runner, memory } = useUi();
  const stock = useApp((state) => state.stock.rows) ?? [];
  const hasHours = useApp((state) => state.link.missing["pods.maxHours"] === undefined);
  const [current, setForm] = useState<PodForm>(() => newPodForm(draft, memory.read().unsentPod, { hasHours }));
  const form = settledPod(current, stock);

  const send = useEffectEvent(() => {
    const pod = draftOfPodForm(form, stock);
    if (pod === null) return;
    void runner.createPod(pod).then((failure) => {
      if (failure === null) memory.keep({ unsentPod: null });
      else setForm({ ...form, sending: false, failure });
    });
  });
  useEffect(() => {
    if (form.sending) send();
  }, [form.sending]);

  return { form, setForm, keep: () => memory.keep({ unsentPod: unsentPodOf(form) }) };
}
