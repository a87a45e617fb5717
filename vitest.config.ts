import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

/** What plays people on strict local chat platforms, and what drives a real browser or whole processes; the rest stands alone. */
const EMULATED = ['test/e2e/{slack,telegram,chat}*.test.ts']
const DRIVEN = ['test/e2e/**/*.test.ts', 'web-mobile/test/**/*.test.ts']
const WEB = ['web-mobile/src/**/*.test.ts']
const never = ['**/node_modules/**', '**/dist/**', 'data/**']
/** A busy machine is no failure: what must come is waited for, however long that takes. */
const patient = { expect: { poll: { timeout: 20_000, interval: 25 } } }
const slow = { ...patient, testTimeout: 120_000, hookTimeout: 120_000 }

/** Packages load graphql as Node does; Vite would take its other build for our own code, and graphql refuses to meet itself twice. */
const oneGraphql = {
  alias: [{ find: /^graphql$/, replacement: fileURLToPath(new URL('node_modules/graphql/index.js', import.meta.url)) }],
}

/** What runs in the real runtime of Workers. Loading it costs half a second, so only who asks for it pays. */
const WORKERD = ['**/*.workerd.test.ts']
const wantsWorkerd = !process.argv.includes('--project') || process.argv.includes('workerd')
const workerd = async () => {
  const { cloudflareTest } = await import('@cloudflare/vitest-plugin')
  return {
    plugins: [cloudflareTest({ wrangler: { configPath: './engine/test/workerd/wrangler.toml' } })],
    test: { ...patient, name: 'workerd', include: WORKERD, exclude: never, testTimeout: 30_000, hookTimeout: 30_000 },
  }
}

export default defineConfig(async () => ({
  test: {
    maxWorkers: 2,
    projects: [
      {
        resolve: oneGraphql,
        test: {
          ...patient,
          name: 'unit',
          // A process for each of hundreds of files took longer than most of their tests: what a test changes of its process, it puts back.
          isolate: false,
          include: ['**/*.test.ts'],
          exclude: [...never, ...DRIVEN, ...WEB, ...WORKERD],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        plugins: [svelte()],
        resolve: { conditions: ['browser'] },
        test: { ...patient, name: 'web', include: WEB, exclude: never },
      },
      { resolve: oneGraphql, test: { name: 'driven', include: DRIVEN, exclude: [...never, ...EMULATED], ...slow } },
      // One after another: they hold chat platforms to their deadlines of seconds.
      {
        resolve: oneGraphql,
        test: { name: 'emulated', include: EMULATED, exclude: never, ...slow, fileParallelism: false },
      },
      ...(wantsWorkerd ? [await workerd()] : []),
    ],
  },
}))
