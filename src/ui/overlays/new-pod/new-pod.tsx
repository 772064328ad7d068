/** The form of a new pod. */
export function NewPod() {
  return null;
}
