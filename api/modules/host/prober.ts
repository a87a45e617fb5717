import { catalogue, EngineError, type Database, type EngineOptions, type HostAccess } from '../../../engine/index.ts'
import type { Log } from '../../log.ts'

/**
 * Looks whether scripts can run on a host. Given by the composition root, since only plugins speak SSH.
 * @throws an error with a `code` when there is no way in.
 */
export type HostProbe = (
  host: HostAccess,
  options: { readonly signal: AbortSignal },
) => Promise<{ readonly system: string; readonly findings: readonly catalogue.HostFinding[] }>

/** Probes hosts, one look at a host at a time, and keeps what was found. */
export interface HostProber {
  /** Starts a look, or joins the one under way. Resolves when its result is kept; never rejects. */
  probe(project: string, name: string): Promise<void>
  /** Since when a look has been under way; null: none is. */
  since(project: string, name: string): number | null
  /** Ends every look. */
  close(): void
}
const LONGEST_MS = 30_000

export function createHostProber(parts: {
  readonly db: Database
  readonly loadHost: EngineOptions['loadHost']
  readonly probe: HostProbe
  readonly now: () => number
  readonly log: Log
}): HostProber {
  const { db, now, log } = parts
  const closed = new AbortController()
  const underway = new Map<string, { readonly since: number; readonly done: Promise<void> }>()
  const look = async (
    project: string,
    name: string,
  ): Promise<Pick<catalogue.HostProbeRow, 'trouble' | 'system' | 'findings'>> => {
    try {
      const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(LONGEST_MS)])
      const { system, findings } = await parts.probe(await parts.loadHost(project, name), { signal })
      return { trouble: null, system, findings: findings.map(({ code, fatal, arg }) => ({ code, fatal, arg })) }
    } catch (error) {
      return { trouble: troubleOf(error), system: null, findings: [] }
    }
  }
  const probe: HostProber['probe'] = (project, name) => {
    const key = `${project}/${name}`
    const running = underway.get(key)
    if (running || closed.signal.aborted) return running?.done ?? Promise.resolve()
    const done = look(project, name)
      .then(async (found) => {
        if (closed.signal.aborted) return
        await db.write((tx) => catalogue.putHostProbe(tx, { project, name, at: now(), ...found }))
      })
      .catch((error: unknown) => log.error({ err: error, host: name }, 'what was found on a host could not be kept'))
      .finally(() => underway.delete(key))
    underway.set(key, { since: now(), done })
    return done
  }
  return {
    probe,
    since: (project, name) => underway.get(`${project}/${name}`)?.since ?? null,
    close: () => closed.abort(),
  }
}
/** What went wrong, for people; a trouble without a code of its own is that the host could not be reached. */
function troubleOf(error: unknown): { code: string; message: string } {
  if (error instanceof EngineError) {
    const { code, message } = error.detail
    return { code: typeof code === 'string' ? code : error.code, message: message ?? error.code }
  }
  const code = (error as { code?: unknown } | null)?.code // a HostError has one
  return {
    code: typeof code === 'string' && code.startsWith('HOST_') ? code : 'HOST_UNREACHABLE',
    message: error instanceof Error ? error.message : String(error),
  }
}
