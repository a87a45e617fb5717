#!/usr/bin/env node
// Runs the TypeScript entry on the Node that came with the installation, so that `baton` works where the system's Node is 20.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const bundled = here('../node_modules/.bin/node')
const child = spawn(existsSync(bundled) ? bundled : process.execPath, [here('main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)))
