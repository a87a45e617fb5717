import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The page, and its service worker at a fixed name beside it: a worker's address must not change from version to version. */
export default defineConfig({
  root: here('.'),
  plugins: [svelte({ configFile: here('./svelte.config.js') })],
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: ['chrome123', 'safari17.5', 'firefox121'], // the first that know light-dark(), which tokens.css stands on
    assetsInlineLimit: 0, // the page's policy allows no data: addresses
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: here('./index.html'), sw: here('./src/sw.ts') },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        // One file that every page needs instead of a dozen small ones: fewer round trips on a slow line.
        codeSplitting: {
          groups: [
            {
              name: 'base',
              test: /node_modules|api\/client|web-mobile\/src\/(ui|state|view|api)\//,
              tags: ['$initial'], // what only a page needs that is loaded later comes with that page
            },
          ],
        },
      },
    },
  },
})
