import { ClientError, type Client } from '../../../api/client/index.ts'
import type { Acting } from '../contract.ts'
import { actAs } from '../welcome.ts'

type Answer = (variables: Record<string, unknown>, account: string | null) => unknown
export interface FakeClient extends Client {
  /** Operation, variables and account of every call, in order. */
  readonly calls: { operation: string; variables: Record<string, unknown>; account: string | null }[]
}

/** Answers by the operation's name; an operation without an answer is a mistake of the test. Bot state is kept as the server keeps it. */
export function fakeClient(answers: Readonly<Record<string, Answer>>): FakeClient {
  const calls: FakeClient['calls'] = []
  const state = new Map<string, { version: number; value: unknown }>()
  const own: Readonly<Record<string, Answer>> = {
    BotStateOf: ({ key }) => ({ botState: state.has(String(key)) ? { key, ...state.get(String(key)) } : null }),
    BotSetState: ({ key, expected, value }) => {
      const known = state.get(String(key))
      if ((known?.version ?? null) !== expected) throw new ClientError('CONFLICT', 'expected another version')
      const next = { version: (known?.version ?? 0) + 1, value: structuredClone(value) }
      state.set(String(key), next)
      return { setBotState: { key, ...next } }
    },
    BotIdentity: () => ({
      identity: {
        person: { id: 'p1', name: 'Lin Xiao', role: 'starter', language: null, timeZone: null },
        mayJoin: null,
        askWhom: [],
      },
    }),
  }
  const make = (account: string | null): FakeClient => ({
    calls,
    query: (async (document: unknown, variables: Record<string, unknown> = {}) => {
      const operation = /(?:query|mutation)\s+(\w+)/.exec(String(document))?.[1] ?? ''
      calls.push({ operation, variables, account })
      const answer = answers[operation] ?? own[operation]
      if (!answer) throw new Error(`expected an answer for ${operation}, but the test has none`)
      return answer(variables, account)
    }) as Client['query'], // typed by the document, which a fake cannot see
    subscribe: () => {
      throw new Error('nothing is subscribed to here')
    },
    actingFor: (next) => make(next),
  })
  return make(null)
}

export const actingOf = (client: FakeClient, language = 'en'): Acting =>
  actAs(client, { platform: 'SLACK', team: 'T1', user: 'U1', name: 'Lin Xiao' }, { language })
