import { useState } from "react";
import { isOwnMachine } from "../../../app/pod-action.js";
import type { Request } from "../../../app/request.js";
import type { Overlay } from "../../../app/slices/view.js";
import type { Pod, PodPatch } from "../../../contract/pod.js";
import type { LabSettingsPatch } from "../../../contract/settings.js";
import { useApp, useUi } from "../../hooks.js";
import { Dialog } from "../../widgets/dialog.js";
import { type TypedKey, useKeys } from "../../widgets/use-keys.js";
import { newPolicyForm, type PolicyForm, podChanges, policyPressed, policyProblems, settingsChanges } from "./form.js";
import { PolicyRows, wantedHeight } from "./rows.js";

const width = 84;
const frameRows = 2;

/** When idle pods are stopped, this one and the lab's, and what the month may cost. */
export function IdlePolicy({ overlay }: { readonly overlay: Extract<Overlay, { kind: "idlePolicy" }> }) {
  const { store, runner, look } = useUi();
  const settings = useApp((state) => state.settings.settings);
  const found = useApp((state) => state.pods.rows.find(({ _id }) => _id === overlay.id));
  const pod = found === undefined || isOwnMachine(found) ? undefined : found;
  const [form, setForm] = useState<PolicyForm>(() => newPolicyForm(pod !== undefined));

  const save = () => {
    if (settings === null || form.saving) return;
    const [bad] = policyProblems(form);
    if (bad !== undefined) {
      setForm({ ...form, field: bad });
      return;
    }
    const changes = settingsChanges(form, settings);
    const podPatch = pod === undefined ? null : podChanges(form);
    if (changes === null && podPatch === null) {
      store.dispatch({ type: "view/overlayClosed" });
      return;
    }
    setForm({ ...form, saving: true, failure: null });
    void runner
      .submit(saveRequest(changes, podPatch === null || pod === undefined ? null : { pod, patch: podPatch }))
      .then((failure) => {
        if (failure !== null) setForm({ ...form, saving: false, failure });
      });
    function saveRequest(lab: LabSettingsPatch | null, one: { pod: Pod; patch: PodPatch } | null): Request {
      return {
        title: "Save the idle policy",
        target: one?.pod._id ?? null,
        done: "the idle policy is saved",
        async send(connection) {
          if (one !== null)
            store.dispatch({ type: "pods/changed", row: await connection.pods.patch(one.pod._id, one.patch) });
          return lab === null ? null : { type: "settings/received", settings: await connection.settings.patch(lab) };
        },
      };
    }
  };
  const press = (key: TypedKey) => {
    if (settings !== null) setForm(policyPressed(form, key, { settings, hasPod: pod !== undefined }));
  };
  useKeys(
    (key) => {
      if (key.name === "esc") store.dispatch({ type: "view/overlayClosed" });
      else if (key.name === "enter" && form.field === "save") save();
      else press(key);
    },
    (text) => press({ name: "", text }),
  );

  return (
    <Dialog
      title={pod === undefined ? "Idle policy and budget" : `Idle policy of ${pod.name} and the lab`}
      width={width}
      height={wantedHeight + frameRows}
      keys={[
        { key: "Tab", does: "next" },
        { key: look.unicode ? "←→" : "Left Right", does: "choose" },
        { key: "Enter", does: form.field === "save" ? "save" : "go on" },
        { key: "Esc", does: "close" },
      ]}
    >
      {(size) => <PolicyRows form={form} settings={settings} pod={pod} size={size} />}
    </Dialog>
  );
}
