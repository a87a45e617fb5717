import { ClientError, type Client } from '../../api/client/index.ts'
import { botStateQuery, setBotStateMutation } from '../core/queries/index.ts'

/** `version` null: there is nothing yet. */
export interface Kept<T> {
  readonly value: T | null
  readonly version: number | null
}
/** What the bot must remember over a restart; the API keeps it. */
export interface Shelf {
  read<T>(key: string): Promise<Kept<T>>
  /** False when somebody was faster: read again. */
  write<T>(key: string, seen: Kept<T>, value: T | null, ttlS?: number): Promise<boolean>
}
const DAY_S = 86_400

export function shelfOf(service: Client): Shelf {
  return {
    async read<T>(key: string) {
      const { botState } = await service.query(botStateQuery, { key })
      return { value: (botState?.value ?? null) as T | null, version: botState?.version ?? null } // only this folder writes these keys
    },
    async write(key, seen, value, ttlS = DAY_S) {
      try {
        await service.query(setBotStateMutation, { key, expected: seen.version, value, ttlS })
        return true
      } catch (error) {
        if (error instanceof ClientError && (error.code === 'CONFLICT' || error.code === 'STALE')) return false
        throw error
      }
    },
  }
}
/** For what nobody else writes at the same time: the last word wins. */
export async function put<T>(shelf: Shelf, key: string, value: T | null, ttlS?: number): Promise<void> {
  for (let tries = 0; tries < 3; tries += 1) if (await shelf.write(key, await shelf.read<T>(key), value, ttlS)) return
}
