import type { Pod } from "../../contract/pod.js";

/**
 * Machines of one's own serve every lab of the server: they stand in every lab's list and take every lab's experiments. They belong to
 * the home lab (services/labs.ts): who may write pods there drains and changes them, and it pays what nobody used. A rented pod serves
 * the lab that rented it alone; one that was found on the server's account is the home lab's.
 */
export const ownProviders: readonly string[] = ["local", "ssh"];

/** Whether every lab may use it. */
export const isShared = ({ provider }: Pick<Pod, "provider">): boolean => ownProviders.includes(provider);
