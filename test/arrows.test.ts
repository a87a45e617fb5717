import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'

/**
 * Who may import whom (STYLE §1): each folder, and where its arrows may point. The longest matching folder counts.
 * `types`: only `import type` may go there. Tests may reach into the same top folder and into what their folder may import.
 */
const ARROWS: {
  readonly [folder: string]: {
    readonly may: readonly string[]
    readonly types?: readonly string[]
    readonly packages: readonly string[] | 'any'
  }
} = {
  'engine/core': { may: ['engine/core'], packages: ['@marcbachmann/cel-js', 're2js'] },
  'engine/document': { may: ['engine/core', 'engine/document'], packages: ['yaml'] },
  'engine/plugin': { may: ['engine/plugin'], types: ['engine/core'], packages: ['zod'] },
  'engine/store': {
    may: ['engine/store', 'engine/core'],
    types: ['engine/plugin'],
    packages: ['drizzle-orm', 'libsql', 'node:'],
  },
  'engine/runtime': {
    may: ['engine/runtime', 'engine/store', 'engine/core', 'engine/plugin'],
    packages: ['node:', 'cloudflare:'],
  },
  engine: { may: ['engine'], packages: 'any' },
  plugins: { may: ['plugins', 'engine/plugin'], packages: 'any' },
  'api/client': { may: ['api/client'], packages: 'any' },
  'api/entry': {
    may: ['engine', 'plugins', 'api', 'bot', 'cli', 'examples', 'web-mobile', 'scripts'],
    packages: 'any',
  },
  api: { may: ['engine/index.ts', 'engine/plugin/index.ts', 'api'], packages: 'any' },
  'bot/core': { may: ['bot/core', 'api/client'], packages: 'any' },
  bot: { may: ['bot', 'api/client'], packages: 'any' },
  cli: { may: ['cli', 'api/client'], packages: 'any' },
  'web-mobile': { may: ['web-mobile', 'api/client'], packages: 'any' },
}
/** Plugins do not know each other. */
const ISLANDS = ['plugins']
/** Which top folders this test reads; the others (scripts, tests that span folders) compose freely. */
const ROOTS = ['engine', 'plugins', 'api', 'bot', 'cli', 'web-mobile']

interface Import {
  readonly from: string
  readonly to: string
  readonly isType: boolean
}
function* sources(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = posix.join(folder, entry.name)
    if (['node_modules', 'dist', 'generated'].includes(entry.name)) continue
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.(ts|js|mjs|svelte)$/.test(entry.name)) yield path
  }
}
const STATEMENT =
  /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm
function importsOf(path: string): Import[] {
  return [...readFileSync(path, 'utf8').matchAll(STATEMENT)].map(([, type, target, dynamic]) => {
    const to = (target ?? dynamic)!
    return { from: path, to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : to, isType: type !== undefined }
  })
}
const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)
const isOurs = (to: string): boolean => ROOTS.some((root) => isIn(to, root)) || /^(test|scripts|examples)\//.test(to)
const isTest = (path: string): boolean =>
  /\.(test|spec)\.ts$|\/test\/|testing\.ts$|\/any-[a-z-]+\.ts$|\/bench\//.test(path)

function problemOf({ from, to, isType }: Import): string | null {
  const folder = Object.keys(ARROWS)
    .filter((name) => isIn(from, name))
    .sort((a, b) => b.length - a.length)[0]
  if (!folder) return null
  const { may, types = [], packages } = ARROWS[folder]!
  const wrong = `${from} imports ${to}`
  if (isOurs(to)) {
    if (
      isTest(from) &&
      (to.startsWith('test/') || isIn(to, from.split('/')[0]!) || may.some((target) => isIn(to, target.split('/')[0]!)))
    )
      return null
    if (/^(test|scripts|examples)\//.test(to)) return folder === 'api/entry' ? null : wrong
    const island = ISLANDS.find((name) => isIn(from, name) && isIn(to, name))
    if (island && from.split('/')[1] !== to.split('/')[1] && from.split('/').length > 2 && to.split('/').length > 2)
      return `${wrong}: they do not know each other`
    if (may.some((target) => isIn(to, target)) || (isType && types.some((target) => isIn(to, target)))) return null
    return wrong
  }
  if (packages === 'any' || isTest(from) || to.startsWith('.') || /\.(json|css)$/.test(to)) return null
  return packages.some(
    (name) => to === name || to.startsWith(`${name}/`) || (name.endsWith(':') && to.startsWith(name)),
  )
    ? null
    : wrong
}

const imports = ROOTS.flatMap((root) => [...sources(join(root))]).flatMap(importsOf)

test('the test sees imports', () => {
  expect(imports.length).toBeGreaterThan(200)
})
test('arrows point inward: people → client → api → engine → core', () => {
  expect(imports.map(problemOf).filter((problem) => problem !== null)).toEqual([])
})
test.each([
  ['engine/core/a.ts', 'node:fs'],
  ['engine/core/a.ts', 'engine/store/open.ts'],
  ['bot/slack/a.ts', 'engine/index.ts'],
  ['plugins/ssh/a.ts', 'plugins/http/b.ts'],
  ['plugins/ssh/a.ts', 'engine/runtime/create.ts'],
  ['api/modules/a.ts', 'engine/core/state.ts'],
  ['cli/a.ts', 'api/context.ts'],
  ['engine/runtime/a.ts', 'drizzle-orm'],
  ['bot/core/a.ts', 'bot/slack/b.ts'],
  ['api/client/a.ts', 'api/context.ts'],
])('%s must not import %s', (from, to) => {
  expect(problemOf({ from, to, isType: false })).not.toBeNull()
})
test.each([
  ['engine/plugin/a.ts', 'engine/core/env.ts', true],
  ['api/modules/a.ts', 'engine/index.ts', false],
  ['api/entry/node.ts', 'bot/slack/index.ts', false],
  ['engine/store/a.ts', 'drizzle-orm/sqlite-core', false],
])('%s may import %s', (from, to, isType) => {
  expect(problemOf({ from, to, isType })).toBeNull()
})
