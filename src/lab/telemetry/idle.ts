// The rules are the contract's: a room that is attached to RunPod alone goes by them too.
export * from "../../contract/idle.js";
