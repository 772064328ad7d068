import { Box } from "ink";
import { wrapWords } from "../paint/columns.js";
import { Label } from "./label.js";

interface QuestionProps {
  readonly question: string;
  readonly effect: string;
  readonly width: number;
}

/** What is asked, and what will happen, in full. */
export function Question({ question, effect, width }: QuestionProps) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {wrapWords(question, width).map((line, index) => (
        <Label key={index} tone="text.strong">
          {line}
        </Label>
      ))}
      <Box height={1} />
      {wrapWords(effect, width).map((line, index) => (
        <Label key={index}>{line}</Label>
      ))}
    </Box>
  );
}
