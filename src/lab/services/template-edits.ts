import type { LabTemplate } from "../../contract/template.js";
import { LabError } from "../lab-error.js";
import type { Change } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import type { TemplateDraft } from "./template-check.js";
import { columnsOf, toTemplate } from "./template-rows.js";

/** More than this is a mistake of a script. */
const mostTemplates = 500;

interface Insertion {
  readonly labId: string;
  readonly draft: TemplateDraft;
  readonly experimentId: string | null;
}

export async function insertTemplate(change: Change, { labId, draft, experimentId }: Insertion): Promise<LabTemplate> {
  await refuseTaken(change, { labId, name: draft.name, id: null });
  const { count } = await change.tx
    .selectFrom("templates")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("lab_id", "=", labId)
    .executeTakeFirstOrThrow();
  if (count >= mostTemplates) {
    throw new LabError("conflict", `This lab has ${mostTemplates} templates already; delete some first.`);
  }
  const row = await change.tx
    .insertInto("templates")
    .values({
      id: newDocumentId(),
      lab_id: labId,
      ...columnsOf(draft),
      from_experiment_id: experimentId,
      created_at: change.at,
      updated_at: change.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const template = toTemplate(row);
  tellTemplate(change, "created", template);
  return template;
}

export async function updateTemplate(change: Change, before: LabTemplate, draft: TemplateDraft): Promise<LabTemplate> {
  await refuseTaken(change, { labId: before.labId, name: draft.name, id: before._id });
  const row = await change.tx
    .updateTable("templates")
    .set({ ...columnsOf(draft), updated_at: change.at })
    .where("id", "=", before._id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw new LabError("not_found", `Template ${before.name} does not exist.`);
  const template = toTemplate(row);
  tellTemplate(change, "updated", template);
  return template;
}

async function refuseTaken({ tx }: Change, { labId, name, id }: { labId: string; name: string; id: string | null }) {
  const row = await tx
    .selectFrom("templates")
    .select("id")
    .where("lab_id", "=", labId)
    .where("name", "=", name)
    .executeTakeFirst();
  if (row !== undefined && row.id !== id) throw new LabError("conflict", `name: ${name} is taken in this lab`);
}

/** Tells what happened to a template. */
export function tellTemplate(change: Change, what: "created" | "updated" | "deleted", template: LabTemplate): void {
  const { _id, labId, name, title } = template;
  change.event(`template.${what}`, _id, { labId, name, title });
  change.touch(`templates:${labId}`);
  change.touch(`template:${_id}`);
}
