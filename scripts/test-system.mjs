/**
 * What the tests want of the machine: an OpenSSH server, Chromium with fonts for Chinese, BusyBox.
 * Installs it from Debian when it may (root, or sudo that asks no password); else says which command does, and what is left out without.
 * Plain JavaScript, so that a Node 20 that knows no TypeScript can run it too. Result: node_modules/.cache/baton-system.json
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const WANTED = [
  { name: 'sshd', package: 'openssh-server', commands: ['sshd'], without: 'tests against a real SSH server' },
  {
    name: 'chromium',
    package: 'chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    without: 'tests in a browser',
  },
  { name: 'busybox', package: 'busybox', commands: ['busybox'], without: 'tests of scripts under BusyBox' },
]
const FONTS = 'fonts-noto-cjk'

const find = (commands) => {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']
  for (const command of commands)
    for (const folder of folders)
      try {
        const path = join(folder, command)
        accessSync(path, constants.X_OK)
        return path
      } catch {
        // not here
      }
  return null
}
const hasFonts = () => {
  try {
    return readdirSync('/usr/share/fonts', { recursive: true }).some((name) =>
      /(noto.*cjk|wqy|SourceHan|DroidSansFallback)/i.test(String(name)),
    )
  } catch {
    return false
  }
}
const succeeds = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

const missing = [
  ...WANTED.filter(({ commands }) => find(commands) === null).map((wanted) => wanted.package),
  ...(hasFonts() ? [] : [FONTS]),
]
if (missing.length > 0) {
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing]
  const isRoot = process.getuid?.() === 0
  const may = find(['apt-get']) !== null && (isRoot || (find(['sudo']) !== null && succeeds('sudo', ['-n', 'true'])))
  if (may) {
    console.log(`Installing ${missing.join(', ')} for the tests …`)
    const run = (args) => {
      const [command, ...rest] = isRoot ? args : ['sudo', '-n', ...args]
      return (
        spawnSync('env', ['DEBIAN_FRONTEND=noninteractive', command, ...rest], {
          stdio: ['ignore', 'ignore', 'inherit'],
          timeout: 600_000,
        }).status === 0
      )
    }
    if (!run(install)) {
      run(['apt-get', 'update'])
      if (!run(install)) console.log('That did not work.')
    }
  }
}

const found = Object.fromEntries(WANTED.map(({ name, commands }) => [name, find(commands)]))
const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url))
mkdirSync(cache, { recursive: true })
writeFileSync(join(cache, 'baton-system.json'), `${JSON.stringify(found, null, 2)}\n`)

const absent = WANTED.filter(({ name }) => found[name] === null)
for (const { name, without } of absent) console.log(`${name} is missing: ${without} are skipped.`)
if (!hasFonts()) console.log('Fonts for Chinese are missing: pictures of Chinese pages show boxes.')
const still = [...absent.map((wanted) => wanted.package), ...(hasFonts() ? [] : [FONTS])]
if (still.length > 0) console.log(`Install with: sudo apt-get update && sudo apt-get install -y ${still.join(' ')}`)
