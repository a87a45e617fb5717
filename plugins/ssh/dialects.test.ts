/** The same promises under other shells, other tools and awkward accounts. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Plugin, Result } from '../../engine/plugin/index.ts'
import { startSshd } from '../../test/sshd.ts'
import type { Sshd, SshdOptions } from '../../test/sshd.ts'
import { skipLine, system } from '../../test/system.ts'
import { testContext, until } from '../testing.ts'
import { createPool } from './connection.ts'
import type { PoolOptions } from './connection.ts'
import { runKey } from './follow.ts'
import { probeHost } from './probe.ts'
import { sshPut } from './put.ts'
import { sshScript } from './script.ts'

const { sshd: hasSshd, busybox } = system()
if (!hasSshd) skipLine('shell dialects against a real OpenSSH server: sshd is missing')
if (!busybox) skipLine('ssh.script under BusyBox: busybox is missing')

const scratch = mkdtempSync(join(tmpdir(), 'baton-dialects-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** A folder with just these programs of this machine in it. */
function toolbox(name: string, tools: readonly string[], own: Readonly<Record<string, string>> = {}): string {
  const dir = join(scratch, name)
  mkdirSync(dir)
  for (const tool of tools) {
    const path = execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', tool], { encoding: 'utf8' }).trim()
    symlinkSync(path, join(dir, tool))
  }
  for (const [tool, text] of Object.entries(own)) {
    writeFileSync(join(dir, tool), text)
    chmodSync(join(dir, tool), 0o755)
  }
  return dir
}
const TOOLS = [
  'cat',
  'head',
  'tail',
  'wc',
  'mkdir',
  'mkfifo',
  'mv',
  'rm',
  'find',
  'sleep',
  'id',
  'uname',
  'sync',
  'cut',
  'cp',
  'chmod',
  'ls',
  'df',
  'ps',
  'tr',
  'sha256sum',
  'env',
  'bash',
  'dash',
]

interface Setting {
  readonly sshd: Sshd
  readonly plugin: Plugin
  readonly options: PoolOptions
}
async function withHost(
  setting: SshdOptions & { pool?: PoolOptions },
  work: (setting: Setting) => Promise<void>,
): Promise<void> {
  const sshd = await startSshd(setting)
  const plugin = sshScript(createPool(setting.pool), { retryMs: [50], termSeconds: 1 })
  try {
    await work({ sshd, plugin, options: setting.pool ?? {} })
  } finally {
    await plugin.dispose?.()
    await sshd.close()
  }
}

/** What every kind of host must do. */
async function promises({ sshd, plugin, options }: Setting): Promise<void> {
  const at = (key?: string) => testContext({ hosts: [sshd.host], ...(key !== undefined && { key }) })
  const given = (inputs: object) => plugin.inputs.parse({ host: 'web-2', ...inputs })
  const hostile = `$(rm -rf ~); '"\`id\`\n\\x \\n %s 中恁`
  // Success, hostile values, values back.
  expect(
    await plugin.execute(
      at(),
      given({
        script: 'printf "%s|%s" "$1" "$TOKEN"; echo build=42 >> "$BATON_OUTPUT"',
        args: [hostile],
        env: { TOKEN: hostile },
      }),
    ),
  ).toMatchObject({
    kind: 'done',
    outputs: { exitCode: 0, stdout: `${hostile}|${hostile}`, stderr: '', values: { build: '42' } },
  })
  // Failure.
  expect(await plugin.execute(at(), given({ script: 'echo out; echo "Disk full" >&2; exit 3' }))).toMatchObject({
    kind: 'fail',
    code: 'EXIT_3',
    message: 'web-2: Disk full (exit code 3)',
    outputs: { stdout: 'out\n' },
  })
  // Large output.
  const large = (await plugin.execute(
    at(),
    given({ script: 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done' }),
  )) as Extract<Result<{ stdout: string }>, { kind: 'done' }>
  expect(large.outputs.stdout.endsWith('line 19999\n')).toBe(true)
  // Left running and picked up again; a second start changes nothing.
  const first = at()
  const waiting = given({ script: 'echo begun; echo x >> ran; while [ ! -e go ]; do sleep 0.1; done; echo ended' })
  const running = plugin.execute(first, waiting)
  await until('it runs', () => first.logged('stdout') === 'begun\n')
  first.abort('detach')
  await expect(running).rejects.toBe('detach')
  writeFileSync(join(sshd.home, 'go'), '')
  expect(await plugin.resume?.(at(first.idempotencyKey), null, waiting)).toMatchObject({
    kind: 'done',
    outputs: { stdout: 'begun\nended\n' },
  })
  expect(readFileSync(join(sshd.home, 'ran'), 'utf8')).toBe('x\n')
  // Cancelled, group and all.
  const stubborn = at()
  const ending = plugin
    .execute(stubborn, given({ script: "trap '' TERM; sleep 300 & echo $!; sleep 301; sleep 302" }))
    .catch(() => null)
  await until('it runs', () => /^\d+\n$/.test(stubborn.logged('stdout')))
  stubborn.abort()
  await ending
  expect(await plugin.cancel?.(at(stubborn.idempotencyKey), stubborn.checkpoints.at(-1) ?? null)).toBe(true)
  expect(existsSync(`/proc/${stubborn.logged('stdout').trim()}/cwd`)).toBe(false)
  // Another boot.
  const rebooted = at()
  const lost = given({ script: 'echo begun; sleep 300' })
  const cut = plugin.execute(rebooted, lost).catch(() => null)
  await until('it runs', () => rebooted.logged('stdout') === 'begun\n')
  rebooted.abort('detach')
  await cut
  const owner = join(sshd.home, '.baton/runs', runKey(rebooted.idempotencyKey), 'claim/owner')
  const [pid = '', start, , ...rest] = readFileSync(owner, 'utf8').split(' ')
  writeFileSync(owner, [pid, start, 'another-boot', ...rest].join(' '))
  expect(await plugin.resume?.(at(rebooted.idempotencyKey), null, lost)).toMatchObject({ kind: 'fail', cause: 'lost' })
  process.kill(-Number(rest[0]), 'SIGKILL')
  // Settled.
  await plugin.settled?.(at(first.idempotencyKey), waiting)
  expect(readdirSync(join(sshd.home, '.baton/runs'))).not.toContain(runKey(first.idempotencyKey))
  // Files.
  const put = sshPut(createPool(options))
  expect(await put.execute(at(), put.inputs.parse({ host: 'web-2', path: 'put.txt', content: hostile }))).toMatchObject(
    { kind: 'done', outputs: { bytes: Buffer.byteLength(hostile) } },
  )
  expect(readFileSync(join(sshd.home, 'put.txt'), 'utf8')).toBe(hostile)
  await put.dispose?.()
}

describe.skipIf(!hasSshd)('ssh.script keeps its promises', () => {
  test.skipIf(!busybox)(
    'under BusyBox ash, with nothing but BusyBox to be found',
    async () => {
      const applets = join(scratch, 'busybox')
      mkdirSync(applets)
      execFileSync(busybox ?? '', ['--install', '-s', applets])
      symlinkSync(busybox ?? '', join(applets, 'busybox'))
      await withHost({ path: applets, pool: { shell: 'busybox ash' } }, promises)
    },
    60_000,
  )

  test('under dash', () => withHost({ pool: { shell: 'dash' } }, promises), 60_000)

  test('under bash as sh', () => withHost({ pool: { shell: 'bash --posix' } }, promises), 60_000)

  test(
    'for an account whose profile prints noise, with and without a last newline',
    () =>
      withHost(
        {
          noise: 'echo "Welcome to web-2!"; echo "Last login: yesterday" >&2; printf "no newline "\n',
        },
        promises,
      ),
    60_000,
  )

  test.each([
    ['fish', 'fish -c'],
    ['csh', 'csh -c'],
    ['tcsh', 'tcsh -c'],
  ])(
    'for an account whose login shell is %s',
    async (shell, command) => {
      const wrapper = join(scratch, `login-${shell}`)
      // Where that shell is not installed, one that understands as little of ours: it can run one plain command and prints noise.
      const real = has(shell)
      writeFileSync(
        wrapper,
        real
          ? `#!/bin/sh\necho noise\n${command} "$SSH_ORIGINAL_COMMAND"\n`
          : '#!/bin/sh\necho "% noise of a strange shell"\nset -f; set -- $SSH_ORIGINAL_COMMAND\n[ "$1" = exec ] && shift\nexec "$@"\n',
      )
      chmodSync(wrapper, 0o755)
      if (!real) skipLine(`${shell} itself is missing; a stand-in takes its place`)
      await withHost({ config: [`ForceCommand ${wrapper}`] }, promises)
    },
    60_000,
  )

  test('on a host without setsid, by nohup', async () => {
    const path = toolbox('no-setsid', [...TOOLS, 'nohup'])
    await withHost({ path }, async (setting) => {
      await promises(setting)
      expect((await probeHost(setting.sshd.host)).findings.map((finding) => finding.code)).toEqual(['NO_SETSID'])
    })
  }, 60_000)

  test('on a host without mkfifo, through files', async () => {
    await withHost({ path: toolbox('no-mkfifo', [...TOOLS.filter((tool) => tool !== 'mkfifo'), 'setsid']) }, promises)
  }, 60_000)

  test('on a host that gives only two sessions, or one', async () => {
    for (const sessions of [2, 1])
      await withHost({ config: [`MaxSessions ${sessions}`] }, async (setting) => {
        await promises(setting)
        const many = await Promise.all(
          Array.from({ length: 9 }, (_, n) =>
            setting.plugin.execute(
              testContext({ hosts: [setting.sshd.host] }),
              setting.plugin.inputs.parse({ host: 'web-2', script: 'echo "$1"', args: [n] }),
            ),
          ),
        )
        expect(many.map((result) => result.kind)).toEqual(Array.from({ length: 9 }, () => 'done'))
      })
  }, 60_000)

  test('on a host that ends what a session leaves behind, in a scope of its own', async () => {
    const asked = join(scratch, 'scopes')
    const path = toolbox('systemd', [...TOOLS, 'setsid'], {
      busctl: '#!/bin/sh\ncase $* in *KillUserProcesses) echo "b true" ;; *) echo "as 1 \\"somebody\\"" ;; esac\n',
      'systemd-run': `#!/bin/sh\necho "$@" >> ${asked}\nwhile [ "$1" != -- ]; do shift; done; shift\nexec "$@"\n`,
    })
    await withHost({ path, noise: 'export XDG_SESSION_ID=7\n' }, async (setting) => {
      await promises(setting)
      expect(readFileSync(asked, 'utf8')).toMatch(/^--user --scope --quiet -- setsid /)
      expect((await probeHost(setting.sshd.host)).findings).toMatchObject([
        { code: 'NO_LINGER', fatal: true, message: expect.stringContaining('loginctl enable-linger') },
      ])
    })
  }, 60_000)
})

describe.skipIf(!hasSshd)('an account that cannot be used', () => {
  test('one without a shell says what the host said', () =>
    withHost({ config: ['ForceCommand echo "This account is not available"; exit 1'] }, async ({ sshd, plugin }) => {
      expect(
        await plugin.execute(
          testContext({ hosts: [sshd.host] }),
          plugin.inputs.parse({ host: 'web-2', script: 'true' }),
        ),
      ).toMatchObject({
        kind: 'fail',
        code: 'HOST_NO_SHELL',
        message: expect.stringContaining('This account is not available'),
      })
      await expect(probeHost(sshd.host)).rejects.toMatchObject({ code: 'HOST_NO_SHELL' })
    }))

  test('one whose home is no folder is reported when the host is added, and by the first script', () =>
    withHost({}, async ({ sshd, plugin }) => {
      expect(await probeHost(sshd.host)).toMatchObject({
        fit: true,
        findings: [],
        home: sshd.home,
        system: expect.stringContaining('Linux'),
      })
      rmSync(join(sshd.home, '.baton'), { recursive: true, force: true })
      writeFileSync(join(sshd.home, '.baton'), 'a file in the way')
      expect(await probeHost(sshd.host)).toMatchObject({ fit: false, findings: [{ code: 'HOME_NOT_WRITABLE' }] })
      expect(
        await plugin.execute(
          testContext({ hosts: [sshd.host] }),
          plugin.inputs.parse({ host: 'web-2', script: 'true' }),
        ),
      ).toMatchObject({ kind: 'fail', code: 'HOST_NO_SPACE' })
    }))
})

function has(command: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', command])
    return true
  } catch {
    return false
  }
}
