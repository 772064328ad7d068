import { type Failure, FailureError } from "../../core/failure.js";
import { convexFailure } from "./convex-failure.js";

/** Calls under way: each settles by its answer, when its time is over, or when the connection is closed under it. */
export class PendingCalls {
  private readonly failing = new Set<(failure: Failure) => void>();

  /** Rejects with FailureError and nothing else. `timeoutMs` null waits as long as it takes. */
  settle<T>(call: Promise<unknown>, decode: (value: unknown) => T, timeout: TimeLimit | null): Promise<T> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const finish = () => {
        clearTimeout(timer);
        this.failing.delete(fail);
      };
      const fail = (failure: Failure) => {
        finish();
        reject(new FailureError(failure));
      };
      if (timeout !== null) timer = setTimeout(() => fail(timeout.failure), timeout.ms);
      this.failing.add(fail);
      call.then(decode).then(
        (value) => {
          finish();
          resolve(value);
        },
        (error: unknown) => fail(error instanceof FailureError ? error.failure : convexFailure(error)),
      );
    });
  }

  failAll(failure: Failure): void {
    for (const fail of [...this.failing]) fail(failure);
  }
}

export interface TimeLimit {
  readonly ms: number;
  readonly failure: Failure;
}
