import type { Mute } from '../api/viewer.ts'

/** What can be muted from its own page: an app, or a task, which is silent too while its app is. */
export interface MuteTarget {
  readonly taskId: string | null
  readonly app: { readonly name: string; readonly project: string } | null
}
/** What holds now; null: it is heard. */
export function muteOf({ taskId, app }: MuteTarget, mutes: readonly Mute[], now: number): Mute | null {
  const live = mutes.filter(({ until }) => until === null || Date.parse(until) > now)
  const own = taskId === null ? undefined : live.find((mute) => mute.taskId === taskId)
  return own ?? live.find((mute) => app !== null && mute.app === app.name && mute.project === app.project) ?? null
}
/** What a press of “Mute” is about: the task where there is one. */
export const mutedBy = ({ taskId, app }: MuteTarget): { taskId?: string; app?: string; project?: string } =>
  taskId !== null ? { taskId } : app === null ? {} : { app: app.name, project: app.project }
