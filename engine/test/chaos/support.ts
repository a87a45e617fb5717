import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definePlugin, done, z, type Plugin } from '../../plugin/index.ts'
import type { EngineOptions } from '../../runtime/engine.ts'

/** A file system of its own, so small that it can be filled. Null: this user may not mount one. */
export interface SmallDisk {
  /** For the data; below the root, so that it can be removed. */
  readonly folder: string
  /** Takes all room there is. */
  fill(): void
  empty(): void
  /** The folder again, elsewhere, where nobody can write to it. */
  readOnly(): string
  end(): void
}
export function smallDisk(bytes: number): SmallDisk | null {
  const root = mkdtempSync(join(tmpdir(), 'baton-disk-'))
  const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', root)) {
    rmSync(root, { recursive: true })
    return null
  }
  const folder = join(root, 'data')
  mkdirSync(folder)
  const ballast = join(root, 'ballast')
  const views: string[] = []
  return {
    folder,
    fill() {
      const { bavail, bsize } = statfsSync(root)
      writeFileSync(ballast, Buffer.alloc(bavail * bsize))
    },
    empty: () => rmSync(ballast, { force: true }),
    readOnly() {
      const other = mkdtempSync(join(tmpdir(), 'baton-disk-'))
      if (!run('mount', '--bind', folder, other) || !run('mount', '-o', 'remount,bind,ro', other))
        throw new Error('no second, read-only view of a folder here')
      views.push(other)
      return other
    },
    end() {
      for (const path of [...views, root]) {
        run('umount', '-l', path)
        rmSync(path, { recursive: true, force: true })
      }
    },
  }
}
/** Asked once, before the tests are listed: what cannot be tried here is listed as skipped. */
export const canMount = (): boolean => {
  const disk = smallDisk(65_536)
  disk?.end()
  return disk !== null
}

/** What was told to the operator, by level. */
export function told(): { readonly lines: string[]; readonly log: NonNullable<EngineOptions['log']> } {
  const lines: string[] = []
  const note = (level: string) => (o: object, m?: string) => void lines.push(`${level} ${m} ${JSON.stringify(o)}`)
  return { lines, log: { info: note('info'), warn: note('warn'), error: note('error') } }
}

/** Counts how often each execution began: outside of Baton, as the world would. */
export function counted(): {
  readonly plugin: Plugin
  readonly begun: Map<string, number>
  hold(): void
  release(): void
} {
  const begun = new Map<string, number>()
  let gate = Promise.resolve()
  let open = (): void => {}
  return {
    begun,
    hold: () => void (gate = new Promise((resolve) => (open = resolve))),
    release: () => open(),
    plugin: definePlugin({
      code: 'counted',
      version: '1.0.0',
      title: 'Counted',
      inputs: z.object({ text: z.string().default('') }),
      async execute(ctx) {
        begun.set(ctx.idempotencyKey, (begun.get(ctx.idempotencyKey) ?? 0) + 1)
        await gate
        return done({})
      },
    }),
  }
}
