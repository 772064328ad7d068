import { encodeValue } from "./answer.js";
import type { Backend, FunctionCall, Identity } from "./backend.js";
import { canonicalPath, decodeArgs, refuseComponent } from "./call.js";
import { functionError } from "./function-error.js";
import type { SyncOptions } from "./options.js";
import { type ActionRequest, actionDone, type MutationRequest, mutationDone, requestFailed } from "./protocol.js";

interface Caller {
  send(message: string): void;
  /** A mutation was answered with this ts: a Transition that reaches it is owed. */
  onMutation(ts: bigint): void;
}

/** The mutations and actions of one connection: mutations one at a time and in order, actions beside each other. */
export class CallQueue {
  /** Names this client across its connections; set by Connect. */
  sessionId = "";
  private mutations: Promise<void> = Promise.resolve();
  private pending = 0;
  private pendingMutations = 0;
  private isClosed = false;
  private readonly backend: Backend;
  private readonly options: SyncOptions;
  private readonly caller: Caller;

  constructor(backend: Backend, options: SyncOptions, caller: Caller) {
    this.backend = backend;
    this.options = options;
    this.caller = caller;
  }

  get isMutating(): boolean {
    return this.pendingMutations > 0;
  }

  /** False when too many wait already; then it is not taken. */
  add(request: MutationRequest | ActionRequest, identity: Identity | null): boolean {
    if (this.pending >= this.options.maxPendingCalls) return false;
    this.pending++;
    if (request.type === "Action") void this.act(request, identity);
    else {
      this.pendingMutations++;
      this.mutations = this.mutations.then(() => this.mutate(request, identity));
    }
    return true;
  }

  /** What has not begun never will: the client sends it again over its next connection. */
  close(): void {
    this.isClosed = true;
  }

  private async mutate(request: MutationRequest, identity: Identity | null): Promise<void> {
    try {
      if (this.isClosed) return;
      const once = { sessionId: this.sessionId, requestId: request.requestId };
      const { value, ts, logLines = [] } = await this.backend.mutation(this.toCall(request, identity), once);
      this.caller.send(mutationDone(request.requestId, { json: encodeValue(value), ts, logLines }));
      this.caller.onMutation(ts);
    } catch (error) {
      this.fail(request, error);
    } finally {
      this.pending--;
      this.pendingMutations--;
    }
  }

  private async act(request: ActionRequest, identity: Identity | null): Promise<void> {
    try {
      const { value, logLines = [] } = await this.backend.action(this.toCall(request, identity));
      this.caller.send(actionDone(request.requestId, { json: encodeValue(value), logLines }));
    } catch (error) {
      this.fail(request, error);
    } finally {
      this.pending--;
    }
  }

  private toCall(request: MutationRequest | ActionRequest, identity: Identity | null): FunctionCall {
    refuseComponent(request.udfPath, request.componentPath);
    const args = decodeArgs(request.args, this.options.maxArgsBytes);
    const call = { path: canonicalPath(request.udfPath), args, identity };
    this.backend.admit?.(request.type === "Action" ? "action" : "mutation", call);
    return call;
  }

  private fail(request: MutationRequest | ActionRequest, error: unknown): void {
    this.caller.send(requestFailed(request.type, request.requestId, functionError(error, this.options.redactErrors)));
  }
}
