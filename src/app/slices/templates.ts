import type { OfferedTemplate } from "../../contract/template.js";
import type { Failure } from "../../core/failure.js";

/** What the attached lab can run without a script of one's own; the new-experiment form lists them. */
export interface TemplatesState {
  readonly rows: readonly OfferedTemplate[];
  readonly loaded: boolean;
  readonly failure: Failure | null;
}

export type TemplatesEvent =
  | { readonly type: "templates/received"; readonly rows: readonly OfferedTemplate[] }
  | { readonly type: "templates/failed"; readonly failure: Failure };

export const initialTemplates: TemplatesState = { rows: [], loaded: false, failure: null };

export function templatesReducer(state: TemplatesState, event: TemplatesEvent): TemplatesState {
  switch (event.type) {
    case "templates/received":
      return { rows: event.rows, loaded: true, failure: null };
    case "templates/failed":
      return { ...state, failure: event.failure };
  }
}
