import type { FlowUser, FlowView } from '../api/flows.ts'
import type { Texts } from '../texts/en.ts'

/** What the server offers; undefined: there is nothing to do. */
export const mayFlow = (
  flow: Pick<FlowView, 'availableActions'> | null,
  action: 'publish' | 'make_current',
): FlowView['availableActions'][number] | undefined => flow?.availableActions.find((one) => one.action === action)

/** A side of a diff from the address: a version; null: the draft, or what the server takes for it. */
export function sideIn(query: URLSearchParams, side: 'from' | 'to'): number | null {
  const given = query.get(side)
  return given !== null && /^\d{1,9}$/.test(given) ? Number(given) : null
}

export interface UserRow {
  readonly key: string
  readonly title: string
  readonly fact: string
  readonly href: string | undefined
}
/** Who runs a flow, each once: apps, flows that start it, tasks. Old versions only remember it. */
export function usersOf(users: readonly FlowUser[], t: Texts['flows']): readonly UserRow[] {
  const rows = new Map<string, UserRow>()
  for (const { kind, name, title, version, task, holds } of users) {
    if (!holds) continue
    const key = task === null ? `${kind}/${name}` : `#${task}`
    if (rows.has(key)) continue
    const [fact, href] =
      task !== null
        ? [t.isTask(task), `/tasks/${task}`]
        : kind === 'App'
          ? [t.isApp, `/apps/${encodeURIComponent(name)}`]
          : kind === 'Flow'
            ? [version === null ? t.isFlow : t.version(version), `/flows/${encodeURIComponent(name)}`]
            : [kind, undefined]
    rows.set(key, { key, title, fact, href })
  }
  return [...rows.values()]
}
