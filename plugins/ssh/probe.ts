import type { HostAccess } from '../../engine/plugin/index.ts'
import { createPool } from './connection.ts'
import type { KeySeen, PoolOptions } from './connection.ts'
import { runProgram } from './exec.ts'

/** What adding a host found there. */
export interface Probe {
  /** Scripts can run: nothing that is needed is missing. */
  readonly fit: boolean
  /** For people: what is missing or unusual, and what to do about it. */
  readonly findings: readonly {
    readonly code: ProbeCode
    readonly fatal: boolean
    readonly message: string
    /** What `message` names: the tool, the account, the KiB that are free. Empty where there is nothing to name. */
    readonly arg: string
  }[]
  /** `Linux 6.1.0 x86_64`. */
  readonly system: string
  readonly home: string
}
export type ProbeCode =
  | 'HOME_NOT_WRITABLE'
  | 'NO_ROOM'
  | 'NO_SETSID'
  | 'NO_GROUP'
  | 'SESSIONS_ARE_KILLED'
  | 'NO_LINGER'
  | 'TOOL_MISSING'
  | 'NO_BOOT_ID'

const TOOLS = ['cat', 'head', 'tail', 'wc', 'mkdir', 'mv', 'rm', 'find', 'sleep', 'id', 'uname', 'sync']

const PROGRAM = `
umask 077
printf 'system %s\\n' "$(uname -srm)"
printf 'home %s\\n' "$HOME"
if mkdir -p "$HOME/.baton/runs" 2>/dev/null && probe=$HOME/.baton/probe.$$ && printf 'x' > "$probe" 2>/dev/null; then
  rm -f "$probe"
else printf 'home-not-writable\\n'; fi
free=$(df -Pk "$HOME" 2>/dev/null | tail -n 1)
set -- $free
[ -n "\${4-}" ] && [ "$4" -lt 10240 ] && printf 'no-room %s\\n' "$4"
for tool in ${TOOLS.join(' ')}; do command -v "$tool" >/dev/null 2>&1 || printf 'tool-missing %s\\n' "$tool"; done
[ -r /proc/sys/kernel/random/boot_id ] || sysctl -n kern.boottime >/dev/null 2>&1 || printf 'no-boot-id\\n'
if ! command -v setsid >/dev/null 2>&1; then
  group=$(ps -o pgid= -p $$ 2>/dev/null | tr -d ' ')
  [ -z "$group" ] && [ -r /proc/$$/stat ] && { read -r line < /proc/$$/stat; line=\${line##*) }; set -- $line; group=$3; }
  if [ "$group" = "$$" ]; then printf 'no-setsid\\n'; else printf 'no-group\\n'; fi
fi
if [ -n "\${XDG_SESSION_ID-}" ] && command -v busctl >/dev/null 2>&1; then
  set -- get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager
  excluded=
  case $(busctl "$@" KillExcludeUsers 2>/dev/null) in *"\\"$(id -un)\\""*) excluded=1 ;; esac
  if [ "$(busctl "$@" KillUserProcesses 2>/dev/null)" = 'b true' ] && [ -z "$excluded" ]; then
    if command -v systemd-run >/dev/null 2>&1 && systemd-run --user --scope --quiet -- uname >/dev/null 2>&1; then
      [ -e "/var/lib/systemd/linger/$(id -un)" ] || printf 'no-linger %s\\n' "$(id -un)"
    else printf 'sessions-are-killed %s\\n' "$(id -un)"; fi
  fi
fi
printf 'end\\n'`

interface Words {
  readonly code: ProbeCode
  readonly fatal: boolean
  readonly say: (host: string, arg: string) => string
}
const FINDINGS: Record<string, Words> = {
  'home-not-writable': {
    code: 'HOME_NOT_WRITABLE',
    fatal: true,
    say: (host) => `${host}: the account cannot write to its home folder, where scripts are kept while they run`,
  },
  'no-room': {
    code: 'NO_ROOM',
    fatal: false,
    say: (host, kib) => `${host}: only ${kib} KiB are free in the home folder`,
  },
  'tool-missing': { code: 'TOOL_MISSING', fatal: true, say: (host, tool) => `${host} has no ${tool}` },
  'no-boot-id': {
    code: 'NO_BOOT_ID',
    fatal: false,
    say: (host) => `${host} does not tell when it was started: a restart of it may go unnoticed`,
  },
  'no-setsid': {
    code: 'NO_SETSID',
    fatal: false,
    say: (host) => `${host} has no setsid; nohup is used instead. Install util-linux to be safe`,
  },
  'no-group': {
    code: 'NO_GROUP',
    fatal: true,
    say: (host) =>
      `${host} has no setsid, and its SSH server keeps commands in its own process group. Install util-linux`,
  },
  'no-linger': {
    code: 'NO_LINGER',
    fatal: true,
    say: (host, user) =>
      `${host} ends everything when ${user} logs out (KillUserProcesses). Run there: loginctl enable-linger ${user}`,
  },
  'sessions-are-killed': {
    code: 'SESSIONS_ARE_KILLED',
    fatal: true,
    say: (host, user) =>
      `${host} ends everything when ${user} logs out (KillUserProcesses), and systemd-run --user does not work for it. Run there: loginctl enable-linger ${user}, or add it to KillExcludeUsers in logind.conf`,
  },
}

export interface ProbeOptions extends PoolOptions {
  readonly signal?: AbortSignal
  readonly keySeen?: KeySeen
}
/**
 * Looks at a host that is being added: does it let us in, give a POSIX shell, let a script live on and be ended?
 * @throws HostError when there is no way in, the key is not confirmed, or the account gives no shell.
 */
export async function probeHost(host: HostAccess, options: ProbeOptions = {}): Promise<Probe> {
  const { signal = AbortSignal.timeout(30_000), keySeen = async () => {} } = options
  const pool = createPool(options)
  const said: Buffer[] = []
  try {
    await runProgram(
      pool,
      host,
      { body: PROGRAM },
      { use: 'act', signal, keySeen, onBytes: (bytes) => said.push(bytes) },
    )
  } finally {
    await pool.close()
  }
  let system = ''
  let home = ''
  const findings: Probe['findings'][number][] = []
  for (const line of Buffer.concat(said).toString('utf8').split('\n')) {
    const [word = '', ...rest] = line.split(' ')
    const arg = rest.join(' ')
    if (word === 'system') system = arg
    if (word === 'home') home = arg
    const words = FINDINGS[word]
    if (words) findings.push({ code: words.code, fatal: words.fatal, message: words.say(host.name, arg), arg })
  }
  return { fit: findings.every((finding) => !finding.fatal), findings, system, home }
}
