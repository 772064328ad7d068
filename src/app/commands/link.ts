import { defineCommand } from "../command.js";

const retry = defineCommand({
  id: "link.retry",
  title: "Retry now",
  about: "Tries to reach the lab again at once instead of waiting for the next try.",
  keys: ["r"],
  scope: "everywhere",
  footer: { order: 1, label: "retry now" },
  disabledReason: ({ link }) => (link.link.state === "lost" ? null : "the link is up"),
  run: ({ host }) => host.retry(),
});

export const linkCommands = [retry];
