import { spawnSync } from 'node:child_process'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Which of a plugin's own files were asked for while it loaded; Baton's, behind the door, are not among them. */
export interface Trail {
  readonly files: ReadonlySet<string>
  end(): void
}
/** Follows the imports that begin at `entry`, a file URL. */
export function followImports(entry: string): Trail {
  const files = new Set<string>()
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      const isOwn = found.url === entry || (context.parentURL !== undefined && files.has(context.parentURL))
      if (isOwn && found.url.startsWith('file:') && !specifier.startsWith('baton/')) files.add(found.url)
      return found
    },
  })
  return { files, end: () => hooks.deregister() }
}

/** At most as many files are asked for a slip in their syntax. */
const MAX_CHECKED = 20
/** `/path/index.js:3:8`, for the person who wrote it; null: nobody can tell. */
export function placeOf(error: unknown, files: ReadonlySet<string>): string | null {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return null
  const head = headOf(error.stack)
  if (head !== null) return head
  for (const line of error.stack.split('\n')) {
    const [, where = '', at, column] = /(?:\(|at (?:async )?)((?:file:|\/|[A-Z]:\\).*):(\d+):(\d+)\)?$/.exec(line) ?? []
    const path = pathOf(where)
    if ([...files].some((url) => fileURLToPath(url) === path)) return `${path}:${at}:${column}`
  }
  if (error.name !== 'SyntaxError') return null
  // Node keeps the place of a slip in an ES module to itself, and tells it only when it is asked to check that one file.
  for (const url of [...files].slice(0, MAX_CHECKED)) {
    const { stderr, status } = spawnSync(process.execPath, ['--check', fileURLToPath(url)], {
      encoding: 'utf8',
      timeout: 5_000,
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    const found = status === 0 ? null : headOf(stderr ?? '')
    if (found !== null) return found
  }
  return null
}
/** What Node puts above some errors: `/path/index.js:3`, then the line itself. */
function headOf(stack: string): string | null {
  const [, where, line] = /^((?:file:|\/|[A-Z]:\\).*):(\d+)\r?\n/.exec(stack) ?? []
  return where === undefined ? null : `${pathOf(where)}:${line}`
}
const pathOf = (where: string): string => (where.startsWith('file:') ? fileURLToPath(where) : where)
