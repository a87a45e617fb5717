/**
 * The catalogue's repositories: functions over a transaction, so that callers compose them in one commit.
 * Main path: schema.ts → documents.ts → people.ts → known.ts → directory.ts → cards.ts → task-lists.ts.
 */
export * from './alerts.ts'
export * from './audit.ts'
export * from './bot-state.ts'
export * from './cards.ts'
export * from './credentials.ts'
export * from './delegations.ts'
export * from './directory.ts'
export * from './documents.ts'
export * from './ids.ts'
export * from './merges.ts'
export * from './passkeys.ts'
export * from './people.ts'
export * from './rights-roles.ts'
export * from './schedules.ts'
export * from './secrets.ts'
export * from './statistics.ts'
export * from './standing.ts'
export * from './task-lists.ts'
export * from './undeliverable.ts'
export * from './workspaces.ts'
