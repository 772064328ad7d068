import { createHash } from "node:crypto";
import type { LabTemplate } from "../../contract/template.js";
import type { Change, LabStore } from "../store/store.js";

/** What a run needs of a lab's own template. Experiments keep it as it was when they were made. */
export type TemplateContent = Pick<
  LabTemplate,
  "name" | "config" | "parameters" | "metricPatterns" | "program" | "estimatedSeconds"
>;

/** Keeps a template as it is now, once for all experiments that are made of it; answers where. null for a built-in one. */
export async function keepVersion({ tx, at }: Change, template: LabTemplate | null): Promise<string | null> {
  if (template === null || template.builtIn) return null;
  const { name, config, parameters, metricPatterns, program, estimatedSeconds } = template;
  const kept: TemplateContent = { name, config, parameters, metricPatterns, program, estimatedSeconds };
  const content = JSON.stringify(kept);
  const id = createHash("sha256").update(content).digest("hex").slice(0, 32);
  await tx
    .insertInto("template_versions")
    .values({ id, content, at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return id;
}

/** Of an experiment with its template's content, for `resolveRun`. */
export function configSource(store: LabStore, id: string) {
  return store.db
    .selectFrom("experiments")
    .leftJoin("template_versions", "template_versions.id", "experiments.template_version")
    .select(["experiments.config", "experiments.template", "template_versions.content as template_content"])
    .where("experiments.id", "=", id)
    .executeTakeFirst();
}

/** Forgets what no experiment has any more. */
export async function pruneVersions(store: LabStore): Promise<void> {
  await store.change(({ tx }) =>
    tx
      .deleteFrom("template_versions")
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("experiments")
              .select("experiments.n")
              .whereRef("experiments.template_version", "=", "template_versions.id"),
          ),
        ),
      )
      .execute(),
  );
}
