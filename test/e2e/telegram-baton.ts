import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../api/entry/config.ts'
import { startBaton, type Baton } from '../../api/entry/node.ts'
import { createClient, graphql, type Client } from '../../api/client/index.ts'
import { startTelegramEmulator, type TelegramEmulator, type TgPerson } from './telegram-support.ts'

/** A whole Baton with its examples, and a strict Telegram it talks to. */
export interface Stage {
  readonly emulator: TelegramEmulator
  readonly url: string
  /** The owner on the phone page. */
  readonly owner: Client
  /** Somebody in Telegram who came in by invitation and belongs to these business roles. */
  person(name: string, role: string, businessRoles?: readonly string[], language?: string): Promise<TgPerson>
  apply(documents: string): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}
export type Way = 'polling' | 'webhook'

const inviteMutation = graphql(`
  mutation TestInvite($role: String!) {
    invite(role: $role) {
      code
    }
  }
`)
const applyMutation = graphql(`
  mutation TestApply($documents: String!) {
    apply(documents: $documents, force: true) {
      documents {
        name
        findings {
          severity
          message
        }
      }
    }
  }
`)
const publishMutation = graphql(`
  mutation TestPublish($name: String!) {
    publishFlow(name: $name) {
      version
    }
  }
`)

export async function setTheStage(way: Way, more: Record<string, unknown> = {}): Promise<Stage> {
  const port = await freePort()
  const local = `http://127.0.0.1:${port}`
  const emulator = await startTelegramEmulator({ webhookMap: { 'https://baton.example': local }, ...more })
  const data = mkdtempSync(join(tmpdir(), 'baton-telegram-'))
  const start = (): Promise<Baton> =>
    startBaton(
      readConfig([], {
        PORT: String(port),
        BATON_DATA: data,
        BATON_EXAMPLES: 'on',
        LOG_LEVEL: 'error',
        TELEGRAM_BOT_TOKEN: emulator.token,
        TELEGRAM_API_ROOT: emulator.apiRoot,
        ...(way === 'webhook' && {
          BATON_URL: 'https://baton.example',
          TELEGRAM_WEBHOOK_SECRET: 'test-secret_0123456789',
        }),
      }),
      () => undefined,
    )
  let baton = await start()
  const owner = await signIn(local, baton.ownerLink ?? '')
  // What the examples verify by HTTP: the public address is none that anybody answers at.
  await owner.query(applyMutation, {
    documents: JSON.stringify({
      apiVersion: 'baton/v1',
      kind: 'Constant',
      metadata: { name: 'STATUS_URL' },
      spec: { value: local },
    }),
  })
  const members = new Map<string, string[]>()
  return {
    emulator,
    url: local,
    owner,
    async person(name, role, businessRoles = [], language = 'en') {
      const { invite } = await owner.query(inviteMutation, { role })
      const person = emulator.addUser({ first_name: name, language_code: language })
      person.start(invite.code ?? '')
      await emulator.waitForMessage(person, ({ text }) => text.includes(name))
      for (const business of businessRoles) {
        members.set(business, [...(members.get(business) ?? []), name])
        await owner.query(applyMutation, {
          documents: JSON.stringify({
            apiVersion: 'baton/v1',
            kind: 'Role',
            metadata: { name: business },
            spec: { members: members.get(business) },
          }),
        })
      }
      return person
    },
    async apply(documents) {
      const { apply } = await owner.query(applyMutation, { documents })
      const wrong = apply.documents.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'ERROR')
      if (wrong.length > 0) throw new Error(wrong.map(({ message }) => message).join('\n'))
      for (const [, name] of documents.matchAll(/kind: Flow\nmetadata: \{name: ([\w-]+)/g))
        await owner.query(publishMutation, { name: name ?? '' })
    },
    async restart() {
      await baton.stop()
      baton = await start()
    },
    async stop() {
      await baton.stop()
      await emulator.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    }),
  )
}
async function signIn(local: string, link: string): Promise<Client> {
  const code = link.split('#code=')[1] ?? ''
  const response = await fetch(`${local}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: 'Olga' }),
  })
  const cookie = response.headers.get('set-cookie')?.split(';')[0]
  if (!cookie) throw new Error(`expected a session, but got ${response.status} ${await response.text()}`)
  return createClient({
    url: `${local}/graphql`,
    fetch: (request) => {
      const signed = new Request(request, { headers: { ...Object.fromEntries(request.headers), cookie } })
      return fetch(signed)
    },
  })
}
