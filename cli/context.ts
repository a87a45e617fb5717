import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ClientError, createClient, type Client } from '../api/client/index.ts'
import { isOn, text, UsageError, type Flags } from './args.ts'

/** What a command needs of the world; tests hand in their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Replaces what is shown by `lines`, when a person watches; else null. */
  readonly redraw: ((lines: readonly string[]) => void) | null
  readonly readInput: () => string
  readonly fetch?: (request: Request) => Response | Promise<Response>
  readonly signal: AbortSignal
}
export interface Context {
  readonly world: World
  readonly client: Client
  /** A POST beside GraphQL, with the same token. @throws ClientError */
  readonly send: (path: string, body: object) => Promise<Response>
  readonly flags: Flags
  readonly json: boolean
  readonly project: string | undefined
}

interface Saved {
  readonly url?: string
  readonly token?: string
}
export const configPath = (env: World['env']): string =>
  join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config'), 'baton', 'config.json')

function saved(env: World['env']): Saved {
  try {
    return JSON.parse(readFileSync(configPath(env), 'utf8')) as Saved // written by `baton login` alone
  } catch {
    return {}
  }
}

/** @throws UsageError when there is no token to speak with. */
export function contextOf(world: World, flags: Flags): Context {
  const file = saved(world.env)
  const url = text(flags, 'url') ?? world.env['BATON_URL'] ?? file.url ?? 'http://127.0.0.1:8787'
  const token = text(flags, 'token') ?? world.env['BATON_TOKEN'] ?? file.token
  if (!token)
    throw new UsageError(
      'no token: run `baton login <url> --token <token>`, or set BATON_TOKEN. On the server itself `baton token new --owner` makes one',
    )
  const client = createClient({
    url: new URL('/graphql', url).href,
    token,
    surface: 'terminal',
    language: world.env['LANG']?.startsWith('zh') ? 'zh' : 'en',
    ...(world.fetch && { fetch: world.fetch }),
  })
  const send = async (path: string, body: object): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-baton-surface': 'terminal',
    }
    const request = new Request(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) })
    const response = await Promise.resolve((world.fetch ?? fetch)(request)).catch((cause: unknown) => {
      throw new ClientError('NETWORK', cause instanceof Error ? cause.message : String(cause))
    })
    if (response.ok) return response
    const { errors } = (await response.json().catch(() => ({}))) as {
      errors?: { message: string; extensions: { code: string } }[]
    }
    const [first] = errors ?? []
    throw new ClientError(
      first?.extensions.code ?? 'NETWORK',
      first?.message ?? `answered ${response.status}`,
      first?.extensions,
    )
  }
  return { world, client, send, flags, json: isOn(flags, 'json'), project: text(flags, 'project') }
}
