import type { HostRow } from '../api/owner.ts'
import type { Texts } from '../texts/en.ts'
import type { State } from './states.ts'

/** Where a host stands, worst first: a changed key, one to confirm, then what the last look found. */
export function standing(row: HostRow, t: Texts['hosts']): { readonly state: State; readonly text: string } {
  if (row.changed) return { state: 'failed', text: t.changed }
  if (offeredOf(row) !== null) return { state: 'waiting', text: t.waiting }
  if (row.fingerprint === null) return { state: 'queued', text: t.unknown }
  switch (row.probe?.state) {
    case 'PROBING':
      return { state: 'running', text: t.probing }
    case 'READY':
      return { state: 'succeeded', text: t.ready }
    case 'LACKING':
      return { state: 'failed', text: t.lacking(row.probe.missing.filter(({ needed }) => needed).length) }
    case 'UNREACHABLE':
      return { state: 'failed', text: t.unreachable }
    default:
      return { state: 'queued', text: t.unseen }
  }
}
/** The key that waits to be confirmed. */
export const offeredOf = ({ offeredFingerprint, fingerprint }: HostRow): string | null =>
  offeredFingerprint !== null && offeredFingerprint !== fingerprint ? offeredFingerprint : null
