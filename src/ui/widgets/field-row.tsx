import { Box } from "ink";
import type { ReactNode } from "react";
import { useUi } from "../hooks.js";
import { glyph } from "../paint/look.js";
import { Label } from "./label.js";

interface FieldRowProps {
  readonly name: string;
  /** Columns of the name. */
  readonly columns: number;
  readonly focused: boolean;
  /** What is wrong with it. */
  readonly problem: string | undefined;
  readonly width: number;
  readonly children: ReactNode;
}

/** One field of a form: name, value and, where something is wrong, what. */
export function FieldRow({ name, columns, focused, problem, width, children }: FieldRowProps) {
  const { look } = useUi();
  return (
    <Box width={width} height={1} flexShrink={0} overflow="hidden">
      <Box width={columns} flexShrink={0}>
        <Label
          tone={focused ? "text.accent" : "text.muted"}
        >{`${focused ? glyph("cursor", look) : " "} ${name}`}</Label>
      </Box>
      {children}
      {problem === undefined ? null : <Label tone="notice.bad">{` ${glyph("fail", look)} ${problem}`}</Label>}
    </Box>
  );
}
