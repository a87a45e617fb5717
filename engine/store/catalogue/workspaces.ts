import { and, asc, eq } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { workspaces } from './tables/chat.ts'

export type Workspace = typeof workspaces.$inferSelect

export const listWorkspaces = (tx: Tx): Workspace[] =>
  tx.select().from(workspaces).orderBy(asc(workspaces.platform), asc(workspaces.name)).all()
export const workspaceOf = (tx: Tx, platform: string, id: string): Workspace | undefined =>
  tx
    .select()
    .from(workspaces)
    .where(and(eq(workspaces.platform, platform), eq(workspaces.id, id)))
    .get()
export function seeWorkspace(tx: Tx, platform: string, id: string, name: string, now: number): Workspace {
  tx.insert(workspaces)
    .values({ platform, id, name, role: null, trustedBy: null, seenAt: now })
    .onConflictDoUpdate({ target: [workspaces.platform, workspaces.id], set: { name, seenAt: now } })
    .run()
  return workspaceOf(tx, platform, id)!
}
/** Role null ends the trust. An id the bot has not seen yet may be trusted ahead. */
export function trustWorkspace(
  tx: Tx,
  platform: string,
  id: string,
  role: string | null,
  by: string,
  now: number,
): Workspace {
  tx.insert(workspaces)
    .values({ platform, id, name: id, role, trustedBy: by, seenAt: now })
    .onConflictDoUpdate({ target: [workspaces.platform, workspaces.id], set: { role, trustedBy: by } })
    .run()
  return workspaceOf(tx, platform, id)!
}
