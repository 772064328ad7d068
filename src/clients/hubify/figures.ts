import { Figure, type NewFigure } from "../../contract/figure.js";
import type { UploadedFile } from "../../core/uploaded-file.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

export interface FiguresQuery extends PageQuery {
  readonly labId: string;
  readonly paperId?: string | undefined;
  readonly experimentId?: string | undefined;
}

/** Figures, found among outputs or uploaded. */
export function figuresClient(http: Http) {
  const one = dataOf(Figure);
  return {
    list: (query: FiguresQuery) => http.get("/v1/figures", { query: { ...query }, expect: pageOf(Figure) }),
    get: (id: string) => http.get(path`/v1/figures/${id}`, { expect: one }),
    upload: (
      { labId, title, paperId, experimentId, caption }: NewFigure,
      { file, signal }: { file: UploadedFile; signal: AbortSignal },
    ) => {
      const told = (value: string | null | undefined) => value ?? undefined;
      const fields = {
        labId,
        title,
        paperId: told(paperId),
        experimentId: told(experimentId),
        caption: told(caption),
      };
      return http.upload("/v1/figures", { fields, file, signal, expect: one });
    },
    download: (id: string, signal: AbortSignal) =>
      http.stream(path`/v1/figures/${id}/download`, { accept: "", signal }),
  };
}
