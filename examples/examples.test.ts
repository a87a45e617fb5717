import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRegistry, lint, type Directory } from '../engine/index.ts'
import { parse } from 'yaml'
import { inWords, wordsIn } from '../api/entry/example-words.ts'
import { builtInPlugins } from '../plugins/index.ts'

const folder = new URL('./', import.meta.url)
const hosts: Record<string, readonly string[]> = {
  '@web': ['web-1', 'web-2'],
  'web-1': ['web-1'],
  'web-2': ['web-2'],
  'build-1': ['build-1'],
}
const directory: Directory = {
  people: () => [],
  title: (ref) => ref,
  constants: () => ({ STATUS_URL: 'http://127.0.0.1:8787', CHAT: true }),
  hosts: (ref) => hosts[ref] ?? [],
  knows: (ref) => /^role:(qa|qc|ops|product|duty)$/.test(ref),
}
const plugins = createRegistry(builtInPlugins())

describe('the examples that a first start loads', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  test.each(files)('%s has nothing to find fault with', (file) => {
    const { findings, documents } = lint(readFileSync(new URL(file, folder), 'utf8'), {
      plugins,
      directory,
      secrets: () => [],
    })
    expect(documents.length).toBeGreaterThan(1)
    expect(
      findings
        .filter((finding) => finding.severity !== 'info')
        .map((finding) => `${finding.line}:${finding.col} ${finding.message}`),
    ).toEqual([])
  })
  test('there is one for the main job, one for a process of five roles, and four smaller ones', () => {
    expect(files).toEqual([
      'clear-cache.yaml',
      'health-check.yaml',
      'release-itsm.yaml',
      'release.yaml',
      'restart.yaml',
      'roles.yaml',
      'test-user.yaml',
    ])
  })
})

describe('the examples in Chinese', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  const sources = files.map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const words = parse(readFileSync(new URL('chinese/words.yaml', folder), 'utf8')) as Record<string, string> // pairs of texts
  const english = new Set(sources.flatMap((source) => [...wordsIn(source)]))

  test('say everything, and nothing that is not there any more', () => {
    expect([...english].filter((text) => words[text] === undefined)).toEqual([])
    expect(Object.keys(words).filter((text) => !english.has(text))).toEqual([])
  })
  test('name the same values', () => {
    const values = (text: string): string[] => [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name).sort()
    for (const [before, after] of Object.entries(words)) expect(values(after), before).toEqual(values(before))
  })
  test.each(files)('%s has nothing to find fault with, and runs the same', (file) => {
    const source = sources[files.indexOf(file)]!
    const { findings, documents } = lint(inWords(source, words), { plugins, directory, secrets: () => [] })
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
    const before = lint(source, { plugins, directory }).documents
    const runs = (of: typeof documents) =>
      of.flatMap(({ document }) =>
        document?.kind === 'Flow'
          ? document.spec.nodes.map((node) => [node.id, 'with' in node ? node.with?.['script'] : null])
          : [],
      )
    expect(runs(documents)).toEqual(runs(before))
    expect(inWords(source, {})).not.toBe('')
  })
})

describe('what the release runs on its hosts', () => {
  const { documents } = lint(readFileSync(new URL('release.yaml', folder), 'utf8'), { plugins, directory })
  const flow = documents.flatMap(({ document }) => (document?.kind === 'Flow' ? [document] : []))[0]
  const script = (id: string): string => {
    const node = flow?.spec.nodes.find((found) => found.id === id)
    return node !== undefined && 'with' in node ? String(node.with?.['script']) : ''
  }
  const run = (id: string, args: readonly string[]) => {
    const home = mkdtempSync(join(tmpdir(), 'baton-example-'))
    const output = join(home, 'output')
    const ended = spawnSync('/bin/sh', ['-s', ...args], {
      input: script(id),
      env: { HOME: home, PATH: process.env['PATH'], BATON_OUTPUT: output },
      encoding: 'utf8',
    })
    const values = existsSync(output) ? readFileSync(output, 'utf8') : ''
    rmSync(home, { recursive: true })
    return { code: ended.status, stdout: ended.stdout, last: ended.stderr.trim().split('\n').at(-1), values }
  }

  test('the first deployment fails on web-2 alone, and says what a person can do something about', () => {
    expect(run('deploy_web1', ['b1', '/srv', 'web-1']).code).toBe(0)
    expect(run('deploy_web2', ['b1', '/srv', 'web-2'])).toMatchObject({ code: 3, last: 'Disk full on /srv' })
  })
  test('with the other disk it goes through', () => {
    expect(run('deploy_web2', ['b1', '/data', 'web-2'])).toMatchObject({ code: 0, last: '' })
  })
  test('unpacking hands on the build it made', () => {
    expect(run('unpack', ['v2.14.0']).values).toMatch(/^build=v2\.14\.0-\d+\n$/)
  })
})
