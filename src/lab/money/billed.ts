import { ownProviders } from "../pods/own-machines.js";

/** Machines of one's own: nobody sends a bill for them, so what the lab counts is final and no estimate. */
export const unbilledProviders = ownProviders;
