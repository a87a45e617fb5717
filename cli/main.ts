import { readFileSync } from 'node:fs'
import { parse, UsageError, type FlagSpec, type Parsed } from './args.ts'
import { contextOf, type Context, type World } from './context.ts'
import { approve, ask, confirm, delegate, inbox, reject, submit } from './commands/asks.ts'
import { audit } from './commands/audit.ts'
import { link, merge, passkeys, people, sessions } from './commands/accounts.ts'
import { backup, history, restore, retention, verify } from './commands/history.ts'
import { app, apps, favourite, preview } from './commands/apps.ts'
import { request } from './commands/requests.ts'
import { alerts, mute, unmute } from './commands/alerts.ts'
import { unreached } from './commands/unreached.ts'
import { apply, lint } from './commands/documents.ts'
import { flow, remove } from './commands/flows.ts'
import { get } from './commands/get.ts'
import { host } from './commands/hosts.ts'
import { invite, login, projects, token } from './commands/people.ts'
import { plugin } from './commands/plugin.ts'
import { secret } from './commands/secrets.ts'
import { freezes, schedule } from './commands/schedules.ts'
import { stats } from './commands/stats.ts'
import { rights, rightsRole, roles } from './commands/roles.ts'
import { upload } from './commands/upload.ts'
import { branch, hold, move, note, pause, plan, release, resume, start } from './commands/steps.ts'
import { byhand, fail, retry, run, skip, stop, task, tasks } from './commands/tasks.ts'
import { EXIT, exitCodeOf, explain } from './exit.ts'
import { manual, overview } from './help.ts'

/** One word after `baton`. `run` answers with an exit code. */
export interface Command {
  readonly usage: string
  readonly about: string
  readonly flags: FlagSpec
  run(context: Context, parsed: Parsed): Promise<number>
  /** Some forms need no server. */
  readonly local?: (parsed: Parsed) => boolean
  readonly runLocal?: (world: World, argv: readonly string[]) => number
}

const COMMANDS: Readonly<Record<string, Command>> = {
  apply,
  lint,
  apps,
  app,
  favourite,
  preview,
  run,
  request,
  tasks,
  task,
  retry,
  skip,
  byhand,
  fail,
  stop,
  pause,
  resume,
  start,
  plan,
  note,
  branch,
  move,
  hold,
  release,
  inbox,
  alerts,
  mute,
  unmute,
  unreached,
  ask,
  approve,
  reject,
  submit,
  confirm,
  delegate,
  invite,
  people,
  sessions,
  passkeys,
  link,
  merge,
  token,
  host,
  schedule,
  freezes,
  flow,
  delete: remove,
  get,
  secret,
  login,
  roles,
  projects,
  rights,
  'rights-role': rightsRole,
  plugin,
  stats,
  audit,
  upload,
  history,
  verify,
  backup,
  restore,
  retention,
}

function help(world: World, name: string | undefined): number {
  const command = name === undefined ? undefined : COMMANDS[name]
  if (name !== undefined && !command) throw notACommand(name)
  for (const line of command ? manual(command) : overview(COMMANDS)) world.out(line)
  return EXIT.ok
}
function notACommand(name: string): UsageError {
  const near = Object.keys(COMMANDS).filter((one) => one.startsWith(name.slice(0, 3)))
  const begun = near.filter((one) => one.startsWith(name))
  const close = begun.length > 0 ? begun : near
  return new UsageError(
    `baton ${name} is not a command${close.length > 0 ? `: did you mean baton ${close.join(' or ')}?` : ''}. All of them: baton help`,
  )
}

/** Runs one command line. Never throws. */
export async function main(argv: readonly string[], world: World): Promise<number> {
  const [name, ...rest] = argv
  const command = name === undefined ? undefined : COMMANDS[name]
  try {
    if (name === undefined) return (help(world, undefined), EXIT.usage)
    if (name === 'help' || name === '--help' || name === '-h') return help(world, rest[0])
    if (!command) throw notACommand(name)
    const parsed = parse(rest, command.flags)
    if (parsed.flags['help']) return help(world, name)
    if (command.local?.(parsed) && command.runLocal) return command.runLocal(world, argv)
    return await command.run(contextOf(name === 'login' ? withUrl(world, parsed) : world, parsed.flags), parsed)
  } catch (error) {
    for (const line of explain(error, command?.flags)) world.err(line)
    if (error instanceof UsageError && command) world.err(`usage: baton ${command.usage}`)
    return exitCodeOf(error)
  }
}
const withUrl = (world: World, parsed: Parsed): World => ({
  ...world,
  env: { ...world.env, BATON_URL: parsed.words[0] },
})

/** Draws over what it drew before, on a terminal. */
function redrawOn(stream: NodeJS.WriteStream): World['redraw'] {
  if (!stream.isTTY) return null
  let height = 0
  return (lines) => {
    const cut = lines.map((line) => line.slice(0, (stream.columns ?? 80) - 1))
    stream.write(`${height > 0 ? `\x1b[${height}A` : ''}\x1b[J${cut.join('\n')}\n`)
    height = cut.length
  }
}

if (import.meta.main) {
  const stopped = new AbortController()
  // Whoever reads no further (`baton tasks | head`) has what they wanted.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  process.once('SIGINT', () => stopped.abort())
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    redraw: redrawOn(process.stdout),
    readInput: () => readFileSync(0, 'utf8'),
    signal: stopped.signal,
  })
}
