import Spinner from "ink-spinner";
import { useUi } from "../hooks.js";
import { Label } from "./label.js";

/** Something the server has not answered yet. The only thing in an overlay that moves. */
export function Waiting({ children }: { readonly children: string }) {
  const { look } = useUi();
  return (
    <Label tone="notice.info">
      <Spinner type={look.unicode ? "dots" : "line"} /> {children}
    </Label>
  );
}
