import { setFlagsFromString } from 'node:v8'

/**
 * Imported first by whatever runs an engine on Node. V8 learns early on which allocations outlive a collection and makes those in the old
 * generation from then on. A burst of tasks teaches it that of everything a step makes, and the garbage of each step then lies there
 * until a full collection: a third more CPU for as long as the process lives, or nothing of it, by chance (docs/adr/0016).
 */
setFlagsFromString('--no-allocation-site-pretenuring')
