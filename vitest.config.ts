import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

/** What plays people on strict local chat platforms, and what drives a real browser or whole processes; the rest stands alone. */
const EMULATED = ['test/e2e/{slack,telegram,chat}*.test.ts']
const DRIVEN = ['test/e2e/**/*.test.ts', 'web-mobile/test/**/*.test.ts']
const WEB = ['web-mobile/src/**/*.test.ts']
const never = ['**/node_modules/**', '**/dist/**', 'data/**']
const slow = { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['**/*.test.ts'], exclude: [...never, ...DRIVEN, ...WEB], testTimeout: 30_000, hookTimeout: 30_000 } },
      { plugins: [svelte()], resolve: { conditions: ['browser'] }, test: { name: 'web', include: WEB, exclude: never } },
      { test: { name: 'driven', include: DRIVEN, exclude: [...never, ...EMULATED], ...slow } },
      { test: { name: 'emulated', include: EMULATED, exclude: never, ...slow } },
    ],
  },
})
