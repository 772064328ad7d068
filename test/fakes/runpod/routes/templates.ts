import { created, noContent, ok, Refusal } from "../answer.js";
import { emptyContainer } from "../create-pod.js";
import type { Asked, Route } from "../route.js";
import { validated } from "../validation.js";
import { without } from "../without.js";
import { CreateTemplate, UpdateTemplate } from "./pod-bodies.js";

function templateOf({ world, params }: Asked): Record<string, unknown> {
  const template = world.templates.get(params["id"] ?? "");
  if (template === undefined) throw new Refusal(404, "template not found");
  return template;
}

const blank = {
  ...without(emptyContainer(), "cmd", "entrypoint"),
  serverless: false,
  public: false,
  category: "NVIDIA",
  startSsh: true,
  startJupyter: true,
  allowedCudaVersions: [],
};

export const templateRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v2/templates",
    area: "templates",
    answer: ({ world }) =>
      ok({ templates: [...world.templates.values()], pagination: { nextCursor: null, hasNextPage: false } }),
  },
  {
    method: "POST",
    path: "/v2/templates",
    area: "templates",
    answer: ({ world, body }) => {
      const template = { ...blank, ...validated(CreateTemplate, body), id: world.newId(10) };
      world.templates.set(template.id, template);
      return created(template);
    },
  },
  { method: "GET", path: "/v2/templates/:id", area: "templates", answer: (asked) => ok(templateOf(asked)) },
  {
    method: "PATCH",
    path: "/v2/templates/:id",
    area: "templates",
    answer: (asked) => ok(Object.assign(templateOf(asked), validated(UpdateTemplate, asked.body))),
  },
  {
    method: "DELETE",
    path: "/v2/templates/:id",
    area: "templates",
    answer: (asked) => {
      asked.world.templates.delete(String(templateOf(asked)["id"]));
      return noContent;
    },
  },
];
