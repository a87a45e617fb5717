/** Builds the phone's page when it is missing or older than what it is made of. `--force` builds it in any case. */
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What the page is made of. Its tests are not. */
const SOURCES = [
  'web-mobile/src',
  'web-mobile/public',
  'web-mobile/index.html',
  'web-mobile/vite.config.ts',
  'web-mobile/svelte.config.js',
  'api/client',
  'package-lock.json',
]
const STAMP = join(root, 'dist/web/.built')

function newest(path: string): number {
  const at = statSync(path)
  if (!at.isDirectory()) return at.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => (name.endsWith('.test.ts') ? 0 : newest(join(path, name)))))
}
function builtAt(): number {
  try {
    return statSync(STAMP).mtimeMs
  } catch {
    return 0
  }
}

/** Beside each file its packed forms: packing once and well beats packing at each request. */
function pack(folder: string): void {
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
  }
}

if (process.argv.includes('--force') || builtAt() < Math.max(...SOURCES.map((path) => newest(join(root, path))))) {
  console.log('Building the phone page …')
  const startedAt = new Date()
  const { build } = await import('vite') // only when it is needed: it takes a second to load
  await build({ configFile: join(root, 'web-mobile/vite.config.ts'), logLevel: 'warn' })
  mkdirSync(join(root, 'dist/web'), { recursive: true })
  pack(join(root, 'dist/web/assets'))
  writeFileSync(STAMP, startedAt.toISOString())
  utimesSync(STAMP, startedAt, startedAt) // what was saved while it was built is newer than it
}
