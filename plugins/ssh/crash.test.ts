import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plugin, Result } from '../../engine/plugin/index.ts'
import { startSshd } from '../../test/sshd.ts'
import type { Sshd } from '../../test/sshd.ts'
import { skipLine, system } from '../../test/system.ts'
import { testContext, until } from '../testing.ts'
import { createPool } from './connection.ts'
import { runKey } from './follow.ts'
import { runnerText } from './runner.ts'
import { sshScript } from './script.ts'

const { sshd: hasSshd } = system()
if (!hasSshd) skipLine('crashes of ssh.script against a real OpenSSH server: sshd is missing')

let serial = 0
const newKey = () => `task${process.pid}/deploy/${++serial}`

describe.skipIf(!hasSshd)('when Baton, the connection or the host goes away', () => {
  let sshd: Sshd
  let plugin: Plugin
  beforeAll(async () => {
    sshd = await startSshd()
    plugin = sshScript(createPool(), { retryMs: [50, 100, 200], cancelPatienceMs: 500 })
  })
  afterAll(async () => {
    await plugin.dispose?.()
    await sshd.close()
  })
  const given = (script: string, more: object = {}) => plugin.inputs.parse({ host: 'web-2', script, ...more })
  const at = (key: string) => testContext({ key, hosts: [sshd.host] })
  const folderOf = (key: string) => join(sshd.home, '.baton/runs', runKey(key))
  const resume = async (key: string, inputs: unknown, ctx = at(key)) =>
    (await plugin.resume?.(ctx, null, inputs)) as Result
  const flag = (name: string) => writeFileSync(join(sshd.home, name), '')
  /** Begins a script in another process. */
  const inOtherProcess = (key: string, script: string) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('./test/client.ts', import.meta.url))], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        BATON_TEST_RUN: JSON.stringify({ key, host: sshd.host, inputs: { host: 'web-2', script } }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
    return { child, said: () => said }
  }

  test('kill -9 in the middle of a script: a new process picks up the same run, whole, and it ran once', async () => {
    const key = newKey()
    const script =
      'echo run >> ran-once; echo one; echo warn >&2; while [ ! -e go-1 ]; do sleep 0.05; done; echo two; echo build=7 >> "$BATON_OUTPUT"; exit 4'
    const { child, said } = inOtherProcess(key, script)
    await until('it runs', () => said().includes('"one'))
    expect(said()).toContain('checkpoint')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const ctx = at(key)
    const resumed = resume(key, given(script), ctx)
    flag('go-1')
    expect(await resumed).toMatchObject({
      kind: 'fail',
      code: 'EXIT_4',
      outputs: { exitCode: 4, stdout: 'one\ntwo\n', stderr: 'warn\n', values: { build: '7' } },
    })
    expect(ctx.logged('stdout')).toBe('one\ntwo\n')
    expect(readFileSync(join(sshd.home, 'ran-once'), 'utf8')).toBe('run\n')
  })

  test('kill -9 at any moment from the first byte on: whatever was begun, it ends as one run', async () => {
    for (const afterMs of [0, 5, 10, 20, 40, 80]) {
      const key = newKey()
      const script = `echo x >> moments-${serial}; echo done`
      const { child, said } = inOtherProcess(key, script)
      await until('it is about to begin', () => said().includes('checkpoint'))
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(await resume(key, given(script))).toMatchObject({
        kind: 'done',
        outputs: { exitCode: 0, stdout: 'done\n' },
      })
      expect(readFileSync(join(sshd.home, `moments-${serial}`), 'utf8')).toBe('x\n')
    }
  })

  test('a script that ended while nobody looked is reported with all it said', async () => {
    const key = newKey()
    const script = 'echo alone >> unseen; echo all of it'
    const ctx = at(key)
    await plugin.execute(ctx, given(script))
    expect(await resume(key, given(script))).toMatchObject({ kind: 'done', outputs: { stdout: 'all of it\n' } })
    expect(readFileSync(join(sshd.home, 'unseen'), 'utf8')).toBe('alone\n')
  })

  test('a crash between staging and starting: nothing was claimed, so it starts now', async () => {
    const key = newKey()
    mkdirSync(folderOf(key), { recursive: true })
    writeFileSync(join(folderOf(key), 'script'), 'echo half a scr')
    writeFileSync(join(folderOf(key), 'runner'), 'cd "$(dirn')
    expect(await resume(key, given('echo x >> staged'))).toMatchObject({ kind: 'done' })
    expect(readFileSync(join(sshd.home, 'staged'), 'utf8')).toBe('x\n')
  })

  test('of many runners for one run only one runs, and late ones lose', async () => {
    const key = newKey()
    const folder = folderOf(key)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'script'), `echo x >> ${sshd.home}/many; sleep 0.2`)
    writeFileSync(join(folder, 'runner'), runnerText({ shell: '/bin/sh', interpreter: null }))
    const start = () =>
      once(
        spawn('/bin/sh', [join(folder, 'runner')], {
          stdio: 'ignore',
          env: { ...process.env, HOME: sshd.home, BATON_UMASK: '022', BATON_CWD: '', BATON_NAMES: '' },
        }),
        'exit',
      )
    await Promise.all([...Array.from({ length: 8 }, start), resume(key, given('never staged again'))])
    await start()
    expect(readFileSync(join(sshd.home, 'many'), 'utf8')).toBe('x\n')
  })

  test('a runner that gets going only after its run was settled runs nothing and leaves nothing', async () => {
    const key = newKey()
    const folder = folderOf(key)
    mkdirSync(folder, { recursive: true })
    mkdirSync(join(sshd.home, '.baton/done'), { recursive: true })
    writeFileSync(join(sshd.home, '.baton/done', runKey(key)), '')
    writeFileSync(join(folder, 'script'), `echo x >> ${sshd.home}/too-late`)
    writeFileSync(join(folder, 'runner'), runnerText({ shell: '/bin/sh', interpreter: null }))
    await once(spawn('/bin/sh', [join(folder, 'runner')], { stdio: 'ignore' }), 'exit')
    expect(existsSync(join(sshd.home, 'too-late'))).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })

  test('a host that was restarted in between: lost, and nothing is repeated', async () => {
    const key = newKey()
    const inputs = given('echo begun; echo x >> rebooted; while [ ! -e go-2 ]; do sleep 0.05; done')
    const first = at(key)
    const running = plugin.execute(first, inputs)
    await until('it runs', () => first.logged() === 'begun\n')
    first.abort('detach')
    await expect(running).rejects.toBe('detach')
    const owner = join(folderOf(key), 'claim/owner')
    const [pid, start, , ...rest] = readFileSync(owner, 'utf8').split(' ')
    writeFileSync(owner, [pid, start, '00000000-1111-2222-3333-444444444444', ...rest].join(' '))
    expect(await resume(key, inputs)).toMatchObject({
      kind: 'fail',
      cause: 'lost',
      code: 'LOST',
      message: expect.stringMatching(/^web-2 restarted/),
      outputs: { stdout: 'begun\n' },
    })
    expect(readFileSync(join(sshd.home, 'rebooted'), 'utf8')).toBe('x\n')
    flag('go-2')
  })

  test('a runner that is gone without an exit code: lost, by process start time too', async () => {
    const key = newKey()
    const inputs = given('echo begun; sleep 60')
    const first = at(key)
    const running = plugin.execute(first, inputs)
    await until('it runs', () => first.logged() === 'begun\n')
    first.abort('detach')
    await expect(running).rejects.toBe('detach')
    const owner = join(folderOf(key), 'claim/owner')
    const text = readFileSync(owner, 'utf8')
    const [pid = '', start = '', ...rest] = text.split(' ')
    writeFileSync(owner, [pid, String(Number(start) - 1), ...rest].join(' '))
    expect(await resume(key, inputs)).toMatchObject({ kind: 'fail', cause: 'lost' })
    writeFileSync(owner, text)
    process.kill(-Number(pid), 'SIGKILL')
    expect(await resume(key, inputs)).toMatchObject({ kind: 'fail', cause: 'lost', outputs: { stdout: 'begun\n' } })
  })

  test('a claim without a record is lost, never repeated', async () => {
    const key = newKey()
    mkdirSync(join(folderOf(key), 'claim'), { recursive: true })
    expect(await resume(key, given('echo x >> unrecorded'))).toMatchObject({ kind: 'fail', cause: 'lost' })
    expect(existsSync(join(sshd.home, 'unrecorded'))).toBe(false)
  }, 30_000)

  test('the connection breaks in the middle: the script is followed on over the next one', async () => {
    const key = newKey()
    const ctx = at(key)
    const running = plugin.execute(ctx, given('echo before; while [ ! -e go-3 ]; do sleep 0.05; done; echo after'))
    await until('it runs', () => ctx.logged('stdout') === 'before\n')
    await sshd.stop()
    await until('it is being looked for', () => ctx.progressed.includes('checking web-2'))
    flag('go-3')
    await sshd.start()
    expect(await running).toMatchObject({ kind: 'done', outputs: { stdout: 'before\nafter\n' } })
    expect(ctx.logged('stdout')).toBe('before\nafter\n')
    expect(ctx.progressed.at(-1)).toBe('running on web-2')
  })

  test('a host that cannot be reached is tried for as long as the attempt may last when it is resumed, and not at all when nothing began', async () => {
    await sshd.stop()
    expect(await plugin.execute(at(newKey()), given('true'))).toMatchObject({
      kind: 'fail',
      code: 'HOST_UNREACHABLE',
      message: expect.stringMatching(/^Cannot reach web-2 .*connection refused$/),
    })
    const key = newKey()
    const ctx = at(key)
    const resumed = resume(key, given('echo back'), ctx)
    await until('it was tried again and again', () => ctx.progressed.length > 3)
    // A log line would tell the engine that we know how things stand.
    expect(ctx.lines).toEqual([])
    expect(await plugin.cancel?.(at(newKey()), { host: 'web-2', run: 'x' })).toBe(false)
    await sshd.start()
    expect(await resumed).toMatchObject({ kind: 'done', outputs: { stdout: 'back\n' } })

    await sshd.stop()
    const stopped = at(newKey())
    const waiting = resume(stopped.idempotencyKey, given('true'), stopped)
    await until('it is being looked for', () => stopped.progressed.length > 0)
    stopped.abort(new Error('timed out'))
    await expect(waiting).rejects.toThrow('timed out')

    const impatient = sshScript(createPool(), { retryMs: [20], darkMs: 100 })
    const dark = at(newKey())
    const searching = impatient.resume?.(dark, null, given('true'))
    await until('it says that it is in the dark', () => dark.logged('info').includes('Trying again'))
    dark.abort(new Error('its time is over'))
    await expect(searching).rejects.toThrow('its time is over')
    await impatient.dispose?.()
    await sshd.start()
  })

  test('a disk that is full from the first byte fails before anything starts, and says so', async () => {
    const key = newKey()
    mkdirSync(join(sshd.home, '.baton/runs'), { recursive: true })
    writeFileSync(folderOf(key), 'a file in the way')
    expect(await plugin.execute(at(key), given('true'))).toMatchObject({
      kind: 'fail',
      code: 'HOST_NO_SPACE',
      message: expect.stringMatching(/^web-2: nothing can be stored/),
    })
    rmSync(folderOf(key))
  })

  test('nothing of these scripts is left running', async () => {
    await until(
      'all have ended',
      () =>
        !readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(`${sshd.home}/.baton/runs`)),
    )
  })
})

const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
