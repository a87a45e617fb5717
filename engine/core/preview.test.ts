import { describe, expect, test } from 'vitest'
import { compileFlow, type CompiledFlow } from './compile.ts'
import { decodeDocument, type FlowDocument } from './document/kinds.ts'
import type { Directory } from './env.ts'
import { previewOf } from './preview.ts'
import type { Value } from './value.ts'

const hosts: Record<string, readonly string[]> = {
  '@web': ['web-1', 'web-2'],
  'web-1': ['web-1'],
  'web-2': ['web-2'],
  'build-1': ['build-1'],
}
const titles: Record<string, string> = { 'role:qa': 'QA', 'role:ops': 'Ops' }
const directory: Directory = {
  people: () => [],
  title: (ref) => titles[ref] ?? ref,
  constants: () => ({}),
  hosts: (ref) => hosts[ref] ?? [],
}

function flowOf(spec: { [key: string]: Value }): CompiledFlow {
  const decoded = decodeDocument({ apiVersion: 'baton/v1', kind: 'Flow', metadata: { name: 'f' }, spec })
  expect(decoded.errors).toEqual([])
  return compileFlow(decoded.document as FlowDocument, { find: () => undefined, codes: () => [] }, 1, '')
}
const release = flowOf({
  variables: {
    version: { type: 'text' },
    env: { type: 'text' },
    ticket: { type: 'text' },
    hosts: { type: 'hosts' },
    build: { type: 'text', show: false },
    note: { type: 'text' },
  },
  nodes: {
    unpack: { use: 'ssh.script@1', with: { host: 'build-1', args: ['${version}'] }, save: { build: 'stdout' } },
    gate: {
      gateway: 'exclusive',
      branches: [
        { when: "${env == 'production'}", next: 'approve' },
        { else: true, next: 'deploy' },
      ],
    },
    approve: {
      use: 'approval',
      title: 'Approve',
      with: {
        approvers: ['role:qa', 'role:ops'],
        need: { 'role:qa': 1, 'role:ops': 1 },
        notStarter: true,
        text: '${ticket}',
      },
    },
    deploy: {
      use: 'ssh.script@1',
      with: { host: '${host}', args: ['${build}'] },
      each: { in: '${hosts}', as: 'host' },
    },
    smoke: { use: 'http.request@1', when: "${build == 'big'}", with: { url: 'x' }, optional: true },
    cleanup: { use: 'set@1' },
  },
  finally: ['cleanup'],
})
const preview = (values: { [key: string]: Value }, omit: readonly string[] = []) =>
  previewOf(release, null, values, { directory, omit })

describe('a preview', () => {
  test('follows the branches that the answers decide, and counts finally in', () => {
    const ids = (env: string) => preview({ version: 'v1', env, hosts: ['web-1'] }).nodes.map((node) => node.id)
    expect(ids('staging')).toEqual(['unpack', 'deploy', 'smoke', 'cleanup'])
    expect(ids('production')).toEqual(['unpack', 'approve', 'deploy', 'smoke', 'cleanup'])
  })
  test('of a branch that nobody can tell yet it names both ways, as uncertain', () => {
    const found = preview({ version: 'v1' }).nodes.map((node) => [node.id, node.certain])
    expect(found).toEqual([
      ['unpack', true],
      ['approve', false],
      ['deploy', false],
      ['smoke', false],
      ['cleanup', true],
    ])
  })
  test('names the hosts that would be touched, by item where a step runs for each', () => {
    expect(preview({ env: 'staging', hosts: ['web-2', 'web-1'] }).hosts).toEqual(['build-1', 'web-2', 'web-1'])
  })
  test('says who would be asked, in words', () => {
    expect(preview({ env: 'production' }).approvals).toEqual([
      {
        nodeId: 'approve',
        title: 'Approve',
        asks: {
          of: ['QA', 'Ops'],
          need: [
            { of: 'QA', count: 1 },
            { of: 'Ops', count: 1 },
          ],
          notStarter: true,
        },
        people: [],
        certain: true,
      },
    ])
    expect(preview({ env: 'staging' }).approvals).toEqual([])
  })
  test('names those who would be asked, without whoever starts it where that is ruled out', () => {
    const people: Record<string, readonly string[]> = { 'role:qa': ['li', 'wu'], 'role:ops': ['wu', 'bo'] }
    const named = { ...directory, people: (ref: string) => (people[ref] ?? []).map((id) => ({ id, name: id })) }
    const starter = { person: 'li', name: 'Li', surface: 'phone' } as const
    const [approval] = previewOf(release, null, { env: 'production' }, { directory: named, starter }).approvals
    expect(approval?.people.map(({ id }) => id)).toEqual(['wu', 'bo'])
  })
  test('tells the variables that nothing will read from those that count', () => {
    const reachable = (env: string) =>
      ['version', 'env', 'ticket', 'note'].filter((key) => preview({ env }).reachable.has(key))
    expect(reachable('production')).toEqual(['version', 'env', 'ticket', 'note'])
    expect(reachable('staging')).toEqual(['version', 'env', 'note'])
  })
  test('leaves out what is left out', () => {
    expect(preview({ env: 'staging' }, ['smoke']).nodes.map((node) => node.id)).not.toContain('smoke')
  })
})

describe('a compiled flow', () => {
  test('fills in where each step goes on, outside finally', () => {
    const next = release.nodes.map((node) => [node.id, node.next])
    expect(next).toEqual([
      ['unpack', 'gate'],
      ['gate', null],
      ['approve', 'deploy'],
      ['deploy', 'smoke'],
      ['smoke', 'end'],
      ['cleanup', 'end'],
    ])
  })
  test('knows what may be pressed where nothing is said, and how often a step may run', () => {
    expect(release.node('unpack')).toMatchObject({
      allow: { retry: ['starter', 'operator'], skip: ['operator'] },
      maxVisits: 100,
      onFail: { retry: null, then: 'ask' },
    })
  })
  test('gives what has no title one to be read', () => {
    expect(
      flowOf({ variables: { buildNumber: { type: 'text' } }, nodes: { health_check: { use: 'set@1' } } }).node(
        'health_check',
      )?.title,
    ).toBe('Health check')
  })
})
