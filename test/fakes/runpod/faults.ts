/** What goes wrong with the next answers that fit. All parts are optional; without `method` and `path` any request fits. */
export interface Fault {
  readonly method?: string;
  /** Part of the path, e.g. "/v2/pods". */
  readonly path?: string;
  /** How many answers; default 1, null: until cleared. */
  readonly times?: number | null;
  /** Let so many fitting requests through first. */
  readonly after?: number;
  /** Answer this status with a problem body, without doing what was asked. */
  readonly status?: number;
  readonly detail?: string;
  readonly errors?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** A raw body instead of problem+json: HTML of a gateway, half a JSON. */
  readonly body?: string;
  readonly contentType?: string;
  /** Real milliseconds to wait before the answer. */
  readonly latencyMs?: number;
  /** Break the connection `before` or `after` the request was carried out: the caller cannot tell which. */
  readonly lost?: "before" | "after";
  /** Send so many bytes of the body, then break the connection. */
  readonly cutAfterBytes?: number;
}

/** Faults in the order they were set; the first that fits is used. */
export function createFaults() {
  let rules: { fault: Fault; left: number; skip: number }[] = [];
  return {
    add: (fault: Fault) => {
      rules.push({
        fault,
        left: fault.times === null ? Number.POSITIVE_INFINITY : (fault.times ?? 1),
        skip: fault.after ?? 0,
      });
    },
    clear: () => {
      rules = [];
    },
    take(method: string, path: string): Fault | null {
      const rule = rules.find(({ fault }) => fits(fault, method, path));
      if (rule === undefined) return null;
      if (rule.skip > 0) {
        rule.skip -= 1;
        return null;
      }
      rule.left -= 1;
      if (rule.left <= 0) rules = rules.filter((other) => other !== rule);
      return rule.fault;
    },
  };
}

const fits = (fault: Fault, method: string, path: string) =>
  (fault.method === undefined || fault.method === method) && (fault.path === undefined || path.includes(fault.path));
