/** Files between Baton and a host, through a real OpenSSH server, under every shell that is here. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkPlugin, testPlugin } from '../../engine/plugin/testing.ts'
import type { FileRef, Plugin } from '../../engine/plugin/index.ts'
import { startSshd, type Sshd } from '../../test/sshd.ts'
import { skipLine, system } from '../../test/system.ts'
import { testContext } from '../testing.ts'
import { createPool } from './connection.ts'
import { sshGet } from './get.ts'
import { sshPut } from './put.ts'

const { sshd: hasSshd, busybox } = system()
if (!hasSshd) skipLine('files over SSH against a real OpenSSH server: sshd is missing')

const SHELLS = ['/bin/sh', ...(busybox ? [`${busybox} ash`] : [])]
describe.skipIf(!hasSshd).each(SHELLS)('files over SSH under %s', (shell) => {
  let sshd: Sshd
  let get: Plugin
  let put: Plugin
  beforeAll(async () => {
    sshd = await startSshd()
    const pool = createPool({ shell })
    get = sshGet(pool)
    put = sshPut(pool)
  })
  afterAll(async () => {
    await get.dispose?.()
    await sshd.close()
  })
  const world = () => ({ hosts: [sshd.host] })
  const fetchFile = (inputs: object) => testPlugin(get, world()).execute({ host: 'web-2', ...inputs })
  const place = (name: string): string => join(sshd.home, name)

  test('any bytes come as they stand there, and go back as they came', async () => {
    const ctx = testContext(world())
    for (const [name, content] of [
      ['all bytes', Buffer.from(Array.from({ length: 512 }, (_, n) => n % 256))],
      ['empty', Buffer.alloc(0)],
      ['large', randomBytes(3 * 1024 * 1024 + 7)],
      ["odd '$(x).bin", Buffer.from('\0\n\u001e+marker\no 0 9999\n')],
    ] as const) {
      writeFileSync(place(name), content)
      const got = await get.execute(ctx, get.inputs.parse({ host: 'web-2', path: `~/${name}` }))
      expect(got).toMatchObject({ kind: 'done', outputs: { bytes: content.length, file: { name } } })
      const { file, sha256 } = (got as { outputs: { file: FileRef; sha256: string } }).outputs
      const sum = execFileSync('sha256sum', { input: content, encoding: 'utf8' }).split(' ')[0]
      expect([sha256, file.sha256]).toEqual([sum, sum])
      expect(Buffer.from(await ctx.readFile(file)).equals(content)).toBe(true)
      const back = await put.execute(ctx, put.inputs.parse({ host: 'web-2', path: 'back', file, mode: '0640' }))
      expect(back).toEqual({ kind: 'done', outputs: { bytes: content.length, sha256: sum } })
      expect(readFileSync(place('back')).equals(content)).toBe(true)
    }
  })

  test('what cannot be fetched is told in words', async () => {
    writeFileSync(place('big'), 'x'.repeat(2000))
    mkdirSync(place('folder'))
    execFileSync('mkfifo', [place('pipe')])
    writeFileSync(place('shut'), 'x')
    chmodSync(place('shut'), 0)
    expect(await fetchFile({ path: 'big', maxBytes: 1000 })).toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: 'web-2: big has 2,000 bytes; at most 1,000 are fetched',
    })
    expect(await fetchFile({ path: 'none' })).toMatchObject({
      code: 'GET_FAILED',
      message: 'web-2: none does not exist',
    })
    expect(await fetchFile({ path: 'folder' })).toMatchObject({ message: 'web-2: folder is a folder' })
    expect(await fetchFile({ path: 'pipe' })).toMatchObject({ message: 'web-2: pipe is not a plain file' })
    if (process.getuid?.() !== 0)
      expect(await fetchFile({ path: 'shut' })).toMatchObject({ message: 'web-2: shut may not be read' })
    expect(await testPlugin(get).execute({ host: 'web-9', path: 'x' })).toMatchObject({ code: 'HOST_UNKNOWN' })
  })

  test('both hold up to crashes, stops and rehearsals', async () => {
    writeFileSync(place('plain'), 'hello')
    expect(await checkPlugin(get, { inputs: [{ host: 'web-2', path: 'plain' }], world })).toEqual([])
    expect(await checkPlugin(put, { inputs: [{ host: 'web-2', path: 'written', content: 'x' }], world })).toEqual([])
  })
})

test('a put takes either a text or a file', () => {
  const { inputs } = sshPut(createPool())
  expect(inputs.safeParse({ host: 'a', path: 'b' }).success).toBe(false)
  expect(inputs.safeParse({ host: 'a', path: 'b', content: '' }).success).toBe(true)
})
