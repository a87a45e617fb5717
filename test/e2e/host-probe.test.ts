/** Adding a host says whether scripts can run there: a real process, a real sshd, the real terminal. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { startSshd, type Sshd } from '../sshd.ts'
import { system } from '../system.ts'
import { terminalOf, type Terminal } from '../terminal.ts'

describe.skipIf(system().sshd === null)('a host that is added', () => {
  let sshd: Sshd
  let baton: BatonProcess
  let cli: Terminal
  beforeAll(async () => {
    sshd = await startSshd()
    baton = await startBatonProcess()
    cli = await terminalOf(baton)
    const { address, port, user } = sshd.host
    const documents = [
      'apiVersion: baton/v1\nkind: SecretRef\nmetadata: {name: ssh}\nspec: {keys: [key]}',
      `apiVersion: baton/v1\nkind: Host\nmetadata: {name: box}\nspec: {address: ${address}, port: ${port}, user: ${user}, key: ssh.key}`,
    ]
    await cli(['apply', '-f', '-'], documents.join('\n---\n'))
    await cli(['secret', 'set', 'ssh.key'], sshd.host.key)
  })
  afterAll(async () => {
    await baton?.close()
    await sshd?.close()
  })

  test('says so when all is well, once its key is confirmed', async () => {
    expect((await cli(['host', 'scan', 'box'])).out).toContain(`box shows ${sshd.host.hostKey}`)
    const { code, out } = await cli(['host', 'scan', 'box', '--confirm', sshd.host.hostKey])
    expect(out).toContain(`box is pinned to ${sshd.host.hostKey}.`)
    expect(out).toMatch(/Scripts can run there \(Linux .+\)\./)
    expect(code).toBe(0)
    expect((await cli(['host', 'list'])).out).toContain('ready')
  })

  test('names what is missing, why and the way out, and fails for scripts', async () => {
    rmSync(join(sshd.home, '.baton'), { recursive: true, force: true })
    writeFileSync(join(sshd.home, '.baton'), 'a file in the way')
    const { code, out } = await cli(['host', 'scan', 'box'])
    expect(out).toContain('✖ A home folder that can be written to')
    expect(out).toContain('Give the account a home folder of its own')
    expect(code).toBe(1)
    rmSync(join(sshd.home, '.baton'))
    expect(await cli(['host', 'scan', 'box'])).toMatchObject({ code: 0 })
  })

  test('says when it cannot be reached', async () => {
    await sshd.stop()
    const { code, out } = await cli(['host', 'probe', 'box'])
    expect(out).toContain('box could not be looked at')
    expect(out).toContain('switched on')
    expect(code).toBe(1)
  })
})
