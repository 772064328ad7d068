/** When idle pods are stopped, and the lab's budget. */
export function IdlePolicy() {
  return null;
}
