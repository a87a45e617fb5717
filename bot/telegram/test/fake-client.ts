import { ClientError, type Client } from '../../../api/client/index.ts'

/** A server small enough to read: answers by the operation's name; bot state is kept as the API keeps it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each operation has its own
type Variables = any
export interface FakeServer {
  readonly client: Client
  /** Every call, with the account it was made for. */
  readonly calls: {
    readonly operation: string
    readonly variables: Record<string, unknown>
    readonly as: string | null
  }[]
  readonly on: Record<string, (variables: Variables, as: string | null) => unknown>
  readonly shelf: Map<string, { version: number; value: unknown }>
}
export function fakeServer(on: FakeServer['on'] = {}): FakeServer {
  const calls: FakeServer['calls'] = []
  const shelf: FakeServer['shelf'] = new Map()
  const standard: FakeServer['on'] = {
    BotStateOf: ({ key }) => ({ botState: shelf.has(key) ? { key, ...shelf.get(key) } : null }),
    BotSetState: ({ key, expected, value }) => {
      const now = shelf.get(key)
      if ((now?.version ?? null) !== expected)
        throw new ClientError('CONFLICT', `expected version ${expected}, but it is ${now?.version}`)
      const next = { version: (now?.version ?? 0) + 1, value: structuredClone(value as unknown) }
      shelf.set(key, next)
      return { setBotState: { key, ...next } }
    },
    BotIdentity: ({ user }) => ({
      identity: {
        person: { id: `p${user}`, name: `Person ${user}`, language: null, timeZone: 'UTC' },
        mayJoin: null,
        askWhom: [],
      },
    }),
    BotDeliveries: () => new Promise((resolve) => setTimeout(() => resolve({ nextDeliveries: [] }), 20)),
    BotSeeWorkspace: () => ({ seeWorkspace: { id: '1', trusted: false } }),
    TelegramGroups: () => ({ workspaces: [] }),
  }
  const clientFor = (as: string | null): Client => ({
    async query(document: unknown, ...[variables]: unknown[]) {
      const operation = /(?:query|mutation) (\w+)/.exec(String(document))?.[1] ?? '?'
      const given = (variables ?? {}) as Record<string, unknown>
      calls.push({ operation, variables: given, as })
      const answer = on[operation] ?? standard[operation]
      if (!answer) throw new ClientError('INTERNAL', `the test has no answer to ${operation}`)
      return (await answer(given, as)) as never
    },
    // eslint-disable-next-line require-yield -- nothing here listens
    async *subscribe() {
      throw new ClientError('INTERNAL', 'no subscriptions here')
    },
    actingFor: (account) => clientFor(account),
  })
  return { client: clientFor(null), calls, on, shelf }
}
