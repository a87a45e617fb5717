/** What the rest of the house may take from here: the two plugins, and what adding a host needs. */
export { createPool, fingerprintOf, scanHostKey } from './connection.ts'
export type { Pool, PoolOptions } from './connection.ts'
export { HostError } from './failure.ts'
export { probeHost } from './probe.ts'
export type { Probe } from './probe.ts'
export { sshPut } from './put.ts'
export { sshScript } from './script.ts'
export type { ScriptOptions } from './script.ts'
