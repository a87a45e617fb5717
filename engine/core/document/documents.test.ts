import { describe, expect, test } from 'vitest'
import { applyDocument, type Managed } from './apply.ts'
import { diffDocuments } from './diff.ts'
import { canonicalText, decodeDocument } from './kinds.ts'
import { pathText } from './shape.ts'
import type { Value } from '../value.ts'

const flow = (spec: { [key: string]: Value }, metadata: { [key: string]: Value } = { name: 'a' }): Value => ({
  apiVersion: 'baton/v1',
  kind: 'Flow',
  metadata,
  spec,
})
const step = { use: 'set@1' }

describe('a document that cannot be saved says where and what was meant', () => {
  test.each<[string, unknown, string, string, (string | null)?]>([
    ['no map', 'x', '', 'expected a document: apiVersion, kind, metadata, spec'],
    [
      'no kind',
      { apiVersion: 'baton/v1' },
      '',
      '“kind” is missing: one of Flow, App, Host, SecretRef, Role, Group, Constant, Calendar, Schedule, Freeze, RightsRole',
    ],
    [
      'an unknown kind',
      { apiVersion: 'baton/v1', kind: 'Flwo' },
      'kind',
      'expected Flow, App, Host, SecretRef, Role, Group, Constant, Calendar, Schedule, Freeze, RightsRole, but got “Flwo”',
      'Flow',
    ],
    [
      'another version',
      { apiVersion: 'v2', kind: 'Role', metadata: { name: 'qa' }, spec: {} },
      'apiVersion',
      'expected apiVersion: baton/v1',
      'baton/v1',
    ],
    [
      'an unknown key at the top',
      { ...(flow({ nodes: { a: step } }) as object), specs: {} },
      'specs',
      'unknown key “specs”, did you mean “spec”?',
      'spec',
    ],
    [
      'a bad name',
      flow({ nodes: { a: step } }, { name: 'Release Web' }),
      'metadata.name',
      '“Release Web” is no name for a Flow: use lower-case letters, digits and -, up to 63 characters',
      'release-web',
    ],
    [
      'an unknown key of a node',
      flow({ nodes: { a: { use: 'x@1', whit: {} } } }),
      'spec.nodes.a.whit',
      'unknown key “whit”, did you mean “with”?',
      'with',
    ],
    [
      'a wrong type',
      flow({ nodes: { a: { use: 'x@1', optional: 'yes' } } }),
      'spec.nodes.a.optional',
      'expected true or false, but got “yes”',
    ],
    [
      'a node id with a minus',
      flow({ nodes: { 'a-b': step } }),
      'spec.nodes.a-b',
      'step “a-b” needs a name of letters, digits and _, not beginning with a digit, up to 64 characters',
    ],
    ['no nodes', flow({ nodes: {} }), 'spec.nodes', 'a flow needs at least one step'],
    ['a node that does nothing', flow({ nodes: { a: { title: 'x' } } }), 'spec.nodes.a', '“use” is missing'],
    [
      'a node that is two things',
      flow({ nodes: { a: { use: 'x', gateway: 'parallel' } } }),
      'spec.nodes.a',
      'a step has “use” or “gateway”, not both',
    ],
    [
      'an unknown gateway',
      flow({ nodes: { a: { gateway: 'paralel', next: [] } } }),
      'spec.nodes.a.gateway',
      'expected exclusive, parallel, inclusive, converge, but got “paralel”',
      'parallel',
    ],
    [
      'a number as duration',
      flow({ nodes: { a: { ...step, onFail: { timeout: 300 } } } }),
      'spec.nodes.a.onFail.timeout',
      'expected a duration like 30s, 5m or 1h30m, but got 300',
      '300s',
    ],
    [
      'an unknown cause',
      flow({ nodes: { a: { ...step, onFail: { retry: { on: ['timeuot'] } } } } }),
      'spec.nodes.a.onFail.retry.on[0]',
      'expected error, timeout, rejected, lost, output_invalid, child_failed, child_revoked, forced, nobody_can_answer, but got “timeuot”',
      'timeout',
    ],
    [
      'a branch with both',
      flow({ nodes: { a: { gateway: 'exclusive', branches: [{ when: true, else: true, next: 'end' }] } } }),
      'spec.nodes.a.branches[0]',
      'a branch has “when” or “else”, not both',
    ],
    [
      'an unknown variable type',
      flow({ variables: { v: { type: 'string' } }, nodes: { a: step } }),
      'spec.variables.v.type',
      'expected text, textarea, integer, number, boolean, select, multiselect, radio, date, time, datetime, duration, password, person, people, host, hosts, list, table, json, file, but got “string”',
    ],
    [
      'a secret in a host',
      {
        apiVersion: 'baton/v1',
        kind: 'Host',
        metadata: { name: 'web-1' },
        spec: { address: 'x', user: 'u', key: '-----BEGIN' },
      },
      'spec.key',
      'expected the name of a secret like ${secrets.ssh.deploy}; the secret itself is set apart from documents',
    ],
  ])('%s', (_what, value, path, message, fix) => {
    const { document, errors } = decodeDocument(value)
    expect(document).toBeNull()
    const found = errors.find((error) => pathText(error.path) === path)
    expect(found?.message).toBe(message)
    if (fix !== undefined) expect(found?.fix).toBe(fix)
  })

  test('everything wrong is told at once', () => {
    const { errors } = decodeDocument(flow({ nodez: {}, nodes: { a: { use: 1 }, b: { usee: 'x' } } }))
    expect(errors.map((error) => pathText(error.path))).toEqual([
      'spec.nodez',
      'spec.nodes.a.use',
      'spec.nodes.b.usee',
      'spec.nodes.b',
    ])
  })
})

test('one text for one meaning: spacing, comments and status leave it, order does not', () => {
  const one = flow({ nodes: { a: step, b: step } })
  expect(canonicalText({ ...(one as object), status: { generation: 3 } })).toBe(canonicalText(one))
  expect(canonicalText(flow({ nodes: { b: step, a: step } }))).not.toBe(canonicalText(one))
})

test('a difference is told leaf by leaf; moving a step is one too', () => {
  const before = flow({ nodes: { a: { use: 'x@1', with: { k: 1 } }, b: step } })
  const after = flow({ nodes: { a: { use: 'x@1', with: { k: 2, l: [1] } } } })
  expect(diffDocuments(before, after)).toEqual([
    { path: 'spec.nodes.a.with.k', before: 1, after: 2 },
    { path: 'spec.nodes.a.with.l', before: undefined, after: [1] },
    { path: 'spec.nodes.b.use', before: 'set@1', after: undefined },
  ])
  expect(diffDocuments(before, before)).toEqual([])
  expect(diffDocuments(flow({ nodes: { a: step, b: step } }), flow({ nodes: { b: step, a: step } }))).toEqual([
    { path: 'spec.nodes', before: ['a', 'b'], after: ['b', 'a'] },
  ])
})

describe('applying', () => {
  const git = flow({ nodes: { a: { ...step, title: 'One' }, b: step } })
  const first = applyDocument(null, git, 'git').result

  test('the same document twice changes nothing', () => {
    const again = applyDocument(first, git, 'git')
    expect(again).toEqual({ result: first, changes: [], conflicts: [] })
  })
  test('what a manager no longer names goes, if nobody else owns it', () => {
    const { result, changes } = applyDocument(first, flow({ nodes: { a: step } }), 'git')
    expect(result.value).toEqual(flow({ nodes: { a: step } }))
    expect(changes.map((change) => change.path)).toEqual(['spec.nodes.a.title', 'spec.nodes.b.use'])
  })
  test('taking over another’s field is a conflict that names it, and force takes it', () => {
    const mine = flow({ nodes: { a: { title: 'Two' } } })
    const { conflicts } = applyDocument(first, mine, 'screen')
    expect(conflicts).toEqual([{ path: 'spec.nodes.a.title', owners: ['git'], theirs: 'One', yours: 'Two' }])
    const { result } = applyDocument(first, mine, 'screen', true)
    expect(result.value).toEqual(flow({ nodes: { a: { ...step, title: 'Two' }, b: step } }))
    expect(result.owners['spec.nodes.a.title']).toEqual(['screen'])
    expect(applyDocument(result, git, 'git').conflicts.map((conflict) => conflict.owners)).toEqual([['screen']])
  })
  test('an added field keeps its place and outlives the other manager’s next apply', () => {
    const added = applyDocument(first, flow({ nodes: { a: { title: 'One', stage: 'Build' } } }), 'screen').result
    expect(added.owners['spec.nodes.a.title']).toEqual(['git', 'screen'])
    const { result, changes, conflicts } = applyDocument(added, git, 'git')
    expect([changes, conflicts]).toEqual([[], []])
    expect(result.value).toEqual(added.value)
  })
  test('a step put in front stands in front', () => {
    const { result } = applyDocument(first, flow({ nodes: { z: step, a: { ...step, title: 'One' }, b: step } }), 'git')
    expect(Object.keys((result.value as { spec: { nodes: object } }).spec.nodes)).toEqual(['z', 'a', 'b'])
  })
  test('turning a leaf into a map is seen as the change it is', () => {
    const before: Managed = applyDocument(null, flow({ nodes: { a: { use: 'x', with: { v: 'text' } } } }), 'git').result
    const { result, conflicts } = applyDocument(
      before,
      flow({ nodes: { a: { use: 'x', with: { v: { deep: 1 } } } } }),
      'screen',
    )
    expect(conflicts.map((conflict) => conflict.path)).toEqual(['spec.nodes.a.with.v.deep'])
    expect(result.value).toEqual(flow({ nodes: { a: { use: 'x', with: { v: { deep: 1 } } } } }))
  })
})
