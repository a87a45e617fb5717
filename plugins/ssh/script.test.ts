import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin, Result } from '../../engine/plugin/index.ts'
import { startSshd } from '../../test/sshd.ts'
import type { Sshd } from '../../test/sshd.ts'
import { skipLine, system } from '../../test/system.ts'
import { testContext, until } from '../testing.ts'
import type { TestContext } from '../testing.ts'
import { createPool } from './connection.ts'
import { runKey } from './follow.ts'
import { sshScript } from './script.ts'

if (!system().sshd) skipLine('ssh.script against a real OpenSSH server: sshd is missing')

interface Out {
  exitCode: number
  stdout: string
  stderr: string
  values: Record<string, string>
}
const given = (plugin: Plugin, inputs: object) => plugin.inputs.parse({ host: 'web-2', ...inputs })
const outputsOf = (result: Result): Out => {
  expect(result.kind).toBe('done')
  return (result as unknown as { outputs: Out }).outputs // checked just before
}
const failureOf = (result: Result): Extract<Result, { kind: 'fail' }> & { outputs?: Out } => {
  expect(result.kind).toBe('fail')
  return result as never // checked just before
}

describe.skipIf(!system().sshd)('ssh.script on a real OpenSSH server', () => {
  let sshd: Sshd
  let plugin: Plugin
  const fresh = (options: { key?: string } = {}): TestContext => testContext({ hosts: [sshd.host], ...options })
  const run = async (inputs: object, ctx = fresh()): Promise<Result> =>
    (await plugin.execute(ctx, given(plugin, inputs))) as Result // JSON by its schema
  beforeAll(async () => {
    sshd = await startSshd()
    plugin = sshScript(createPool(), { retryMs: [50, 100, 200] })
  })
  afterAll(async () => {
    await plugin.dispose?.()
    await sshd.close()
  })

  test('a script runs, its output is shown and kept, and its values become outputs', async () => {
    const ctx = fresh()
    const out = outputsOf(
      await run(
        { script: 'echo hello; echo oops >&2; echo build=42 >> "$BATON_OUTPUT"; echo "note=a=b c" >> "$BATON_OUTPUT"' },
        ctx,
      ),
    )
    expect(out).toEqual({ exitCode: 0, stdout: 'hello\n', stderr: 'oops\n', values: { build: '42', note: 'a=b c' } })
    expect(ctx.logged('stdout')).toBe('hello\n')
    expect(ctx.logged('stderr')).toBe('oops\n')
  })

  test('a script that fails says so by host, last words and exit code, and its outputs are kept', async () => {
    const failed = failureOf(
      await run({ script: 'echo partial; echo step=3 >> "$BATON_OUTPUT"; echo "Disk full on /srv" >&2; exit 3' }),
    )
    expect(failed).toMatchObject({ code: 'EXIT_3', message: 'web-2: Disk full on /srv (exit code 3)' })
    expect(failed.outputs).toMatchObject({ exitCode: 3, stdout: 'partial\n', values: { step: '3' } })
    expect(failureOf(await run({ script: 'exit 7' })).message).toBe('web-2: the script ended with exit code 7')
  })

  test('values reach the script as data, whatever they hold', async () => {
    const hostile = `$(rm -rf ~); '"\`touch /tmp/pwned\`\n\\ $HOME 中文 恁\u0081 -n\n`
    const out = outputsOf(
      await run({
        script: 'printf "%s|" "$@"; printf "%s" "$HOSTILE"; printf "%s" "$1" >> "$BATON_OUTPUT.raw"',
        args: [hostile, '', '-e', 7, true],
        env: { HOSTILE: hostile },
      }),
    )
    expect(out.stdout).toBe(`${hostile}||-e|7|true|${hostile}`)
  })

  test('${HOME} in a script is the shell’s own', async () => {
    expect(outputsOf(await run({ script: 'echo "${HOME}"; echo "$${#}"' })).stdout.split('\n')[0]).toBe(sshd.home)
  })

  test('a secret in env reaches the script, and neither an argument list nor a file', async () => {
    const ctx = fresh()
    const running = run(
      {
        script: 'while [ ! -e "$HOME/look" ]; do sleep 0.05; done; rm "$HOME/look"; printf %s "$TOKEN"',
        env: { TOKEN: 'hunter2-hunter2' },
      },
      ctx,
    )
    const folder = join(sshd.home, '.baton/runs', runKey(ctx.idempotencyKey))
    await until('the script runs', () => existsSync(join(folder, 'claim/owner')))
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    for (const file of files) expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain('hunter2')
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      expect(commandLine(pid)).not.toContain('hunter2')
    writeFileSync(join(sshd.home, 'look'), '')
    expect(outputsOf(await running).stdout).toBe('hunter2-hunter2')
  })

  test('an author’s PATH, IFS and a name used by the runner reach the script alone', async () => {
    const env = { PATH: '/nowhere', IFS: 'x', dir: 'd', code: 'c', HOME: '/elsewhere' }
    const out = outputsOf(await run({ script: 'echo "$PATH $dir $code $HOME"; echo a=1 >> "$BATON_OUTPUT"', env }))
    expect(out).toMatchObject({ stdout: '/nowhere d c /elsewhere\n', values: { a: '1' } })
  })

  test('what one script prints to /dev/stderr anew empties nothing', async () => {
    const out = outputsOf(await run({ script: 'echo one >&2; echo two > /dev/stderr; echo three >&2' }))
    expect(out.stderr).toBe('one\ntwo\nthree\n')
  })

  test('a #! line chooses the interpreter, and files a script makes have the account’s own mode', async () => {
    expect(
      outputsOf(
        await run({ script: '#!/usr/bin/env bash\nset -o pipefail\narr=(a b); echo "${#arr[@]} $1"', args: ['x'] }),
      ).stdout,
    ).toBe('2 x\n')
    await run({ script: 'umask; echo > made' })
    expect(statSync(join(sshd.home, 'made')).mode & 0o777).toBe(0o644)
    expect(statSync(join(sshd.home, '.baton')).mode & 0o777).toBe(0o700)
  })

  test('a script runs in the folder asked for, and says so when that is not there', async () => {
    mkdirSync(join(sshd.home, 'a b'), { recursive: true })
    expect(outputsOf(await run({ script: 'pwd', cwd: '~/a b' })).stdout).toBe(`${sshd.home}/a b\n`)
    expect(outputsOf(await run({ script: 'pwd', cwd: '/tmp' })).stdout).toBe('/tmp\n')
    const failed = failureOf(await run({ script: 'pwd', cwd: '/no/such' }))
    expect(failed.code).toBe('CWD_MISSING')
    expect(failed.message).toContain('/no/such')
  })

  test('scriptFrom takes a whole script, and exactly one of both is given', async () => {
    expect(outputsOf(await run({ scriptFrom: 'echo from a variable' })).stdout).toBe('from a variable\n')
    expect(plugin.inputs.safeParse({ host: 'web-2' }).success).toBe(false)
    expect(plugin.inputs.safeParse({ host: 'web-2', script: 'a', scriptFrom: 'b' }).success).toBe(false)
    expect(plugin.inputs.safeParse({ host: 'web-2', script: 'a', env: { 'A B': 'x' } }).success).toBe(false)
  })

  test('output is shown while the script still runs', async () => {
    const ctx = fresh()
    const running = run(
      { script: 'echo first; while [ ! -e "$HOME/go-on" ]; do sleep 0.05; done; rm "$HOME/go-on"; echo second' },
      ctx,
    )
    await until('the first line is shown', () => ctx.logged('stdout') === 'first\n')
    writeFileSync(join(sshd.home, 'go-on'), '')
    expect(outputsOf(await running).stdout).toBe('first\nsecond\n')
  })

  test('of large output the log gets the beginning and the tail and says what is left out; outputs keep the tail', async () => {
    const small = sshScript(createPool(), { logBytes: 100_000 })
    const ctx = fresh()
    const out = outputsOf(
      (await small.execute(
        ctx,
        given(small, { script: 'i=0; while [ $i -lt 60000 ]; do echo "line $i 中"; i=$((i+1)); done' }),
      )) as Result,
    )
    await small.dispose?.()
    expect(Buffer.byteLength(out.stdout)).toBeLessThanOrEqual(64 * 1024)
    expect(out.stdout).toMatch(/line 59999 中\n$/)
    expect(out.stdout).not.toContain('\ufffd')
    expect(ctx.logged('stdout')).toMatch(/^line 0 中\nline 1 中\n/)
    expect(ctx.logged('stdout')).toMatch(/line 59999 中\n$/)
    expect(ctx.logged('info')).toMatch(/bytes of output not shown/)
    expect(Buffer.byteLength(ctx.logged('stdout'))).toBeLessThanOrEqual(100_000 + 64 * 1024)
  })

  test('what a script leaves running in the background is not waited for', async () => {
    const out = outputsOf(await run({ script: 'sleep 300 & echo $!' }))
    process.kill(Number(out.stdout), 'SIGKILL')
  })

  test('a cancel ends the whole process group, also what ignores TERM, and says when nobody is left', async () => {
    const quick = sshScript(createPool(), { termSeconds: 0.5 })
    const ctx = fresh()
    const running = quick
      .execute(
        ctx,
        given(quick, {
          script: "trap '' TERM; (trap '' TERM; sleep 301; sleep 301) & echo $! $$; sleep 302; sleep 302",
        }),
      )
      .catch((error: unknown) => error)
    await until('it runs', () => /^\d+ \d+\n$/.test(ctx.logged('stdout')))
    const pids = ctx.logged('stdout').trim().split(' ').map(Number)
    ctx.abort()
    await running
    expect(pids.every(isRunning)).toBe(true)
    const again = fresh({ key: ctx.idempotencyKey })
    expect(await quick.cancel?.(again, ctx.checkpoints.at(-1) ?? null)).toBe(true)
    expect(pids.some(isRunning)).toBe(false)
    expect(await quick.cancel?.(again, ctx.checkpoints.at(-1) ?? null)).toBe(true)
    expect(failureOf((await quick.resume?.(again, null, given(quick, { script: 'never again' }))) as Result).code).toBe(
      'CANCELLED',
    )
    await quick.dispose?.()
  })

  test('a cancel before anything started makes sure that nothing ever will', async () => {
    const ctx = fresh()
    expect(await plugin.cancel?.(ctx, { host: 'web-2', run: runKey(ctx.idempotencyKey) })).toBe(true)
    expect(failureOf(await run({ script: `touch "${sshd.home}/started-late"` }, ctx)).code).toBe('CANCELLED')
    expect(existsSync(join(sshd.home, 'started-late'))).toBe(false)
    expect(await plugin.cancel?.(fresh(), null)).toBe(true)
  })

  test('at a shutdown the script runs on, and resume finds it', async () => {
    const ctx = fresh()
    const inputs = {
      script: 'echo one; while [ ! -e "$HOME/detached" ]; do sleep 0.05; done; rm "$HOME/detached"; echo two',
    }
    const running = run(inputs, ctx)
    await until('it runs', () => ctx.logged() === 'one\n')
    ctx.abort('detach')
    await expect(running).rejects.toBe('detach')
    writeFileSync(join(sshd.home, 'detached'), '')
    const after = fresh({ key: ctx.idempotencyKey })
    after.log('one\n')
    expect(outputsOf((await plugin.resume?.(after, null, given(plugin, inputs))) as Result).stdout).toBe('one\ntwo\n')
    expect(after.logged('stdout')).toBe('one\ntwo\n')
  })

  test('the run’s folder goes once the result is committed; a start that comes later than that runs nothing', async () => {
    const ctx = fresh()
    const inputs = { script: 'echo x >> "$HOME/ran"' }
    await run(inputs, ctx)
    const folder = join(sshd.home, '.baton/runs', runKey(ctx.idempotencyKey))
    expect(existsSync(folder)).toBe(true)
    await plugin.settled?.(ctx, given(plugin, inputs))
    expect(existsSync(folder)).toBe(false)
    expect(failureOf((await plugin.resume?.(ctx, null, given(plugin, inputs))) as Result)).toMatchObject({
      cause: 'lost',
    })
    expect(readFileSync(join(sshd.home, 'ran'), 'utf8')).toBe('x\n')
  })

  test('folders nobody came back for are removed after 7 days, but not those of scripts that still run', async () => {
    const runs = join(sshd.home, '.baton/runs')
    const ctx = fresh()
    const long = run({ script: 'while [ ! -e "$HOME/long" ]; do sleep 0.05; done' }, ctx)
    const alive = join(runs, runKey(ctx.idempotencyKey))
    await until('it runs', () => existsSync(join(alive, 'claim/owner')))
    const dead = join(runs, 'someone-else')
    mkdirSync(join(dead, 'claim'), { recursive: true })
    const old = new Date(Date.now() - 9 * 24 * 3600_000)
    utimesSync(dead, old, old)
    utimesSync(alive, old, old)
    await run({ script: 'true' })
    await until('the orphan is gone', () => !existsSync(dead))
    expect(existsSync(alive)).toBe(true)
    writeFileSync(join(sshd.home, 'long'), '')
    outputsOf(await long)
  })

  test('more scripts than channels run on one host at once, all of them followed', async () => {
    const started = Date.now()
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) => run({ script: 'sleep 0.5; echo "$1"', args: [n] })),
    )
    expect(many.map((result) => outputsOf(result).stdout)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}\n`))
    expect(Date.now() - started).toBeLessThan(20_000)
  })

  test('a script of a megabyte is fine', async () => {
    const out = outputsOf(
      await run({
        script: `${'# padding, padding, 中 padding\n'.repeat(30_000)}echo "$1" | wc -c`,
        args: ['x'.repeat(100_000)],
      }),
    )
    expect(out.stdout.trim()).toBe('100001')
  })

  test('a value no process can be given is refused before anything is sent', async () => {
    expect(failureOf(await run({ script: 'true', args: ['x'.repeat(200_000)] }))).toMatchObject({ code: 'VALUE_UNFIT' })
    expect(failureOf(await run({ script: 'true', env: { A: 'a\0b' } })).message).toMatch(/NUL/)
    expect(failureOf(await run({ script: 'true', env: { BATON_OUTPUT: '/etc/passwd' } })).message).toMatch(/BATON_/)
  })

  test('a rehearsal touches nothing', async () => {
    const ctx = testContext()
    expect((await plugin.rehearse?.(ctx, given(plugin, { script: 'true' })))?.kind).toBe('done')
  })
})

const isRunning = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
