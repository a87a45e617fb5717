/** What one person may have under way at the same time: one more is refused, and there is room again once something is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue, folderFiles } from '../../engine/index.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-at-once-'))
let server: TestServer
let task = ''
beforeAll(async () => {
  server = await startTestServer({
    config: { atOnce: { uploads: 2, streams: 3, streamsEach: 2 } },
    over: { files: folderFiles(folder) },
  })
  task = (await server.launch()).id
})
afterAll(async () => {
  await server.end()
  rmSync(folder, { recursive: true, force: true })
})
interface Refusal {
  readonly message: string
  readonly extensions: { readonly code: string }
}
const byToken = (who: Name) => ({ authorization: `Bearer ${server.tokens[who]}` })

describe('streams', () => {
  interface Opened {
    /** Null: it tells what it should. */
    readonly refusal: Refusal | null
    close(): void
  }
  /** The first word is the present state, or why there is none. */
  async function open(headers: Record<string, string>, id = task): Promise<Opened> {
    const gone = new AbortController()
    const request = new Request('http://baton.test/graphql', {
      method: 'POST',
      body: JSON.stringify({ query: `subscription { taskChanged(id: "${id}") { id } }` }),
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      signal: gone.signal,
    })
    const reader = (await server.app.request(request)).body!.pipeThrough(new TextDecoderStream()).getReader()
    let said = ''
    while (!/data: \{.*\}\n/.test(said)) {
      const { value, done } = await reader.read()
      if (done) break
      said += value
    }
    const { errors } = JSON.parse(/data: (\{.*\})\n/.exec(said)?.[1] ?? '{}') as { errors?: Refusal[] }
    const close = (): void => {
      gone.abort()
      void reader.cancel().catch(() => undefined)
    }
    return { refusal: errors?.[0] ?? null, close }
  }
  /** Opens one as soon as there is room. */
  const opensAgain = (headers: Record<string, string>): Promise<Opened> =>
    eventually(async () => {
      const one = await open(headers)
      if (one.refusal === null) return one
      one.close()
      return null
    })

  test('in one session or by one token there is an end of them; who closes one has room for another', async () => {
    const [first, second] = [await open(byToken('Mai')), await open(byToken('Mai'))]
    expect([first.refusal, second.refusal]).toEqual([null, null])
    expect((await open(byToken('Mai'))).refusal).toMatchObject({
      message: '2 live views are open by this token. Close some, or read again from time to time instead.',
      extensions: { code: 'BUSY' },
    })
    first.close()
    const again = await opensAgain(byToken('Mai'))
    for (const one of [second, again]) one.close()
  })
  test('over all of them there is another; others are not in their way', async () => {
    const { secret } = await server.db.write((tx) =>
      catalogue.makeToken(tx, { person: server.ids.Quinn, name: 'other' }, server.clock.now),
    )
    const other = { authorization: `Bearer ${secret}` }
    const held = [await open(byToken('Quinn')), await open(byToken('Quinn')), await open(other)]
    expect(held.map(({ refusal }) => refusal)).toEqual([null, null, null])
    expect((await open(other)).refusal).toMatchObject({
      message: 'You have 3 live views open. Close some, or end sign-ins that you do not use.',
      extensions: { code: 'BUSY' },
    })
    const vic = await open(byToken('Vic'))
    expect(vic.refusal).toBeNull()
    for (const one of [...held, vic]) one.close()
    ;(await opensAgain(other)).close()
  })
  test('one that is refused for what it asks takes no room', async () => {
    for (let n = 0; n < 4; n++)
      expect((await open(byToken('Stu'), 't_none')).refusal?.extensions.code).toBe('NOT_FOUND')
    const one = await open(byToken('Stu'))
    expect(one.refusal).toBeNull()
    one.close()
  })
})

describe('uploads', () => {
  /** One that is on its way until `end`. */
  function sending(who: Name) {
    let end: () => void = () => undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('--b\r\n'))
        end = () => controller.close()
      },
    })
    const headers = { ...byToken(who), 'content-type': 'multipart/form-data; boundary=b' }
    const request = new Request('http://baton.test/graphql', {
      method: 'POST',
      body,
      headers,
      duplex: 'half',
    } as RequestInit)
    return { answer: Promise.resolve(server.app.request(request)), end: () => end() }
  }
  const whole = async (who: Name) => {
    const form = new FormData()
    const query = 'mutation($file: File!) { upload(file: $file) { bytes } }'
    form.set('operations', JSON.stringify({ query, variables: { file: null } }))
    form.set('map', JSON.stringify({ '0': ['variables.file'] }))
    form.set('0', new Blob(['hello']), 'notes.txt')
    const request = new Request('http://baton.test/graphql', { method: 'POST', body: form, headers: byToken(who) })
    return (await (await server.app.request(request)).json()) as { data?: object; errors?: Refusal[] }
  }
  test('more than so many at once are refused before they are read; then there is room again', async () => {
    const [first, second] = [sending('Mai'), sending('Mai')]
    const third = await whole('Mai')
    expect(third.errors?.[0]).toMatchObject({
      message: 'You are sending 2 files already. Wait for one to be there.',
      extensions: { code: 'BUSY' },
    })
    // Others are not in their way.
    expect((await whole('Ada')).data).toEqual({ upload: { bytes: 5 } })
    first.end()
    await first.answer
    expect((await whole('Mai')).data).toEqual({ upload: { bytes: 5 } })
    second.end()
    await second.answer
  })
})
