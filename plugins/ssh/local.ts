import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { Duplex } from 'node:stream'
import { definePlugin, z } from '../../engine/plugin/index.ts'
import type { Context, HostAccess, Plugin } from '../../engine/plugin/index.ts'
import type { Channel, Pool } from './connection.ts'
import { HostError } from './failure.ts'
import { hasOneScript, ONE_SCRIPT, scriptFields, scriptOutputs, sshScript, type ScriptOptions } from './script.ts'

export interface LocalOptions extends ScriptOptions {
  readonly shell?: string
  /** Where runs are staged and scripts begin. Default: the home folder of whoever runs Baton. */
  readonly home?: string
}
/** Read in messages, where a host's name stands otherwise. */
const NAME = 'This machine'
const HERE: HostAccess = { name: NAME, address: '', port: 0, user: '', key: '', hostKey: null, via: null }

const inputs = z.object(scriptFields).refine(hasOneScript, ONE_SCRIPT)

/**
 * `local.script@1`: as `ssh.script`, on the machine and as the user that Baton runs as: by the same detached runner, so that it
 * outlives a restart of Baton. Not among the plugins unless the owner says so (`BATON_LOCAL_SCRIPT=on`): whoever may publish a flow
 * could read what Baton may read, its key included.
 */
export function localScript(options: LocalOptions = {}): Plugin {
  const script = sshScript(localPool(options), options)
  const at = (given: z.output<typeof inputs>) => ({ ...given, host: NAME }) as never // what ssh.script's own schema gives
  return definePlugin({
    code: 'local.script',
    version: '1.0.0',
    title: 'Script on Baton’s own machine',
    icon: 'square-terminal',
    inputs,
    outputs: scriptOutputs,
    execute: (ctx, given) => script.execute(here(ctx), at(given)) as never, // by the same schema
    resume: (ctx, state, given) => script.resume!(here(ctx), state, at(given)) as never,
    cancel: (ctx, state) => script.cancel!(here(ctx), state),
    settled: (ctx, given) => script.settled!(here(ctx), at(given)),
    rehearse: (ctx, given) => script.rehearse!(here(ctx), at(given)) as never,
  })
}

/** The context as it is, but for the one host there is. */
const here = (ctx: Context): Context =>
  new Proxy(ctx, {
    get(target, name) {
      if (name === 'host') return () => Promise.resolve(HERE)
      // On the context itself, not on this stand-in: what it keeps to itself is its own.
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })

/** A shell of this machine where a connection would give one. */
function localPool({ shell = '/bin/sh', home = homedir() }: LocalOptions): Pool {
  const [command = '/bin/sh', ...args] = shell.split(' ')
  return {
    shell,
    silenceMs: 30_000,
    open(_host, { signal }) {
      signal.throwIfAborted()
      const child = spawn(command, [...args, '-s'], { cwd: home, env: environment(home), stdio: 'pipe' })
      const { stdin, stdout, stderr } = child
      const channel = Object.assign(Duplex.from({ readable: stdout, writable: stdin }), {
        stderr,
        // As with a connection, the shell itself is left to end: it may be cleaning up, and what it writes goes nowhere.
        close() {
          for (const stream of [stdin, stdout, stderr]) stream.destroy()
        },
      }) as Channel
      stdin.on('error', () => undefined) // it has ended: its answer, or that there is none, is read from stdout
      return new Promise((resolve, reject) => {
        child.once('spawn', () => resolve({ channel, exitCode: () => child.exitCode }))
        child.once('error', (error) =>
          reject(new HostError('HOST_NO_SHELL', `${NAME} gives no shell: ${error.message}`)),
        )
      })
    },
    pressed: () => false,
    drop: () => undefined,
    close: () => Promise.resolve(),
  }
}
/** Only what a login would give: tokens and keys in Baton's own environment are no script's business. */
function environment(home: string): NodeJS.ProcessEnv {
  const kept = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR']
  const given = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...(Object.fromEntries(given) as NodeJS.ProcessEnv), HOME: home }
}
