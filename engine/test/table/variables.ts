import type { Scenario } from './scenario.ts'
import { act, beside, does } from './shapes.ts'

const OUT = { type: 'text', show: false }
/** One step that gives `out`, saved to `v`, and what comes of it. */
const writes = (variable: object, given: unknown, more: object = {}) => ({
  variables: { v: { show: false, ...variable } },
  nodes: { a: act({ with: { out: { x: given } }, save: { v: 'x' }, ...more }), b: act() },
  outputs: { v: '${v}' },
})
const refusedIn = (part: string) => ({
  phase: 'attention',
  nodes: { a: 'failed' },
  causes: { a: 'output_invalid' },
  messages: { a: part },
})
/** A step that is given an expression, and gives it back. */
const gives = (expression: unknown, variables: object = {}, more: object = {}) => ({
  variables,
  nodes: { a: act({ with: { out: { x: expression } } }) },
  outputs: { x: '${a.outputs.x}' },
  ...more,
})

/** FLOW §1.1, Variables and References; §6, Values. */
export const VARIABLES: readonly Scenario[] = [
  ...(
    [
      ['text', {}, 7, '7'],
      ['integer', {}, '12', 12],
      ['integer', { min: 3 }, 3, 3],
      ['number', {}, '1.5', 1.5],
      ['boolean', {}, 'true', true],
      ['select', { options: ['a', 'b'] }, 'b', 'b'],
      ['multiselect', { options: ['a', 'b'] }, ['a', 'b'], ['a', 'b']],
      ['date', {}, '2026-11-21', '2026-11-21'],
      ['list', {}, ['x', 'y'], ['x', 'y']],
      ['json', {}, { deep: [1, { more: null }] }, { deep: [1, { more: null }] }],
    ] as const
  ).map(([type, more, given, kept]): Scenario => ({
    says: `values are checked when a node writes them: ${JSON.stringify(given)} is kept as ${type}${'min' in more ? ' within its limits' : ''}`,
    flow: writes({ type, ...more }, given),
    ends: { phase: 'succeeded', outputs: { v: kept } },
  })),
  ...(
    [
      ['integer', {}, 1.5],
      ['integer', { max: 3 }, 4],
      ['number', {}, 'many'],
      ['boolean', {}, 'perhaps'],
      ['select', { options: ['a', 'b'] }, 'c'],
      ['multiselect', { options: ['a', 'b'] }, ['a', 'c']],
      ['text', { pattern: '^v\\d+$' }, 'latest'],
      ['text', { maxLength: 3 }, 'long'],
      ['date', {}, 'tomorrow'],
      ['list', {}, 7],
    ] as const
  ).map(([type, more, given]): Scenario => ({
    says: `${JSON.stringify(given)} written to ${type} ${JSON.stringify(more)} is output_invalid, and never ignored or retried`,
    flow: writes({ type, ...more }, given, { onFail: { retry: { times: 2 } } }),
    ends: { ...refusedIn('does not fit'), attempts: { a: 1 } },
  })),
  {
    says: 'an output that save names and nobody gave is output_invalid',
    flow: { variables: { v: OUT }, nodes: { a: act({ save: { v: 'nothing' } }) } },
    ends: refusedIn('nothing'),
  },
  {
    says: 'save takes a path into an output',
    flow: {
      variables: { v: OUT },
      nodes: { a: act({ with: { out: { x: { y: 'deep' } } }, save: { v: 'x.y' } }) },
      outputs: { v: '${v}' },
    },
    ends: { phase: 'succeeded', outputs: { v: 'deep' } },
  },
  {
    says: 'values are checked at each edit: with the revision, and all of them or none',
    flow: {
      variables: { n: { type: 'integer', max: 5 }, s: { type: 'text' } },
      nodes: { a: act(does('fail', 'ok')) },
    },
    launch: { variables: { n: 1, s: 'x' } },
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'edit_variables', revision: 1, variables: { n: 9, s: 'y' } },
        refused: 'INVALID_INPUT',
      },
      { press: { kind: 'edit_variables', revision: 1, variables: { nothing: 1 } }, refused: 'INVALID_INPUT' },
      { press: { kind: 'edit_variables', revision: 0, variables: { n: 2 } }, refused: 'STALE' },
      { look: { variables: { n: 1, s: 'x' } } },
      { press: { kind: 'edit_variables', revision: 1, variables: { n: '5', s: 'y' } } },
      { press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', variables: { n: 5, s: 'y' } },
  },
  {
    says: 'a fixed variable cannot be set by edit',
    flow: { variables: { n: { type: 'integer' } }, nodes: { a: act(does('fail')) } },
    launch: { variables: { n: 1 }, fixed: ['n'] },
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'edit_variables', revision: 1, variables: { n: 2 } },
        refused: 'INVALID_INPUT',
      },
    ],
    ends: { phase: 'attention', variables: { n: 1 } },
  },
  {
    says: 'a declared variable left empty or hidden at launch is null',
    flow: gives('${v == null ? "nothing" : v}', { v: { type: 'text' } }),
    launch: { variables: { v: null } },
    ends: { phase: 'succeeded', outputs: { x: 'nothing' } },
  },
  {
    says: 'one that no node has written is missing, and reading it fails the reader with the expression in the message',
    flow: gives('${v}', { v: OUT }),
    ends: { phase: 'attention', nodes: { a: 'failed' }, causes: { a: 'error' }, messages: { a: '${v}' } },
  },
  {
    says: 'a person gives what is missing, and every attempt re-reads its with',
    flow: gives('${v}', { v: OUT }),
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'edit_variables', revision: 1, variables: { v: 'now' } } },
      { press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', outputs: { x: 'now' }, attempts: { a: 2 } },
  },
  {
    says: 'a string that is exactly one ${…} keeps the value’s type; otherwise text',
    flow: gives({ whole: '${n}', text: 'n is ${n}', list: ['${n}'], none: '$${n}' }, { n: { type: 'integer' } }),
    launch: { variables: { n: 3 } },
    ends: { phase: 'succeeded', outputs: { x: { whole: 3, text: 'n is 3', list: [3], none: '${n}' } } },
  },
  {
    says: 'JSON numbers become int or double by declared type and come back as JSON numbers; mixed arithmetic works as people expect',
    flow: gives(
      { half: '${n / d}', sum: '${n + d}', less: '${n < d}', int: '${n + 1}' },
      { n: { type: 'integer' }, d: { type: 'number' } },
    ),
    launch: { variables: { n: 3, d: 2 } },
    ends: { phase: 'succeeded', outputs: { x: { half: 1.5, sum: 5, less: false, int: 4 } } },
  },
  {
    says: 'in scope: nodeId.outputs of the latest finished visit, nodeId.status, nodeId.attempts; before any visit it is 0',
    flow: {
      nodes: {
        a: act({ with: { out: { later: '${b.attempts}', status: '${b.status == null}' } } }),
        b: act({ with: { out: { x: 1 } } }),
        c: act({ with: { out: { status: '${b.status}', x: '${b.outputs.x}', tries: '${b.attempts}' } } }),
      },
      outputs: { before: '${a.outputs.later}', none: '${a.outputs.status}', after: '${c.outputs}' },
    },
    ends: {
      phase: 'succeeded',
      outputs: { before: 0, none: true, after: { status: 'succeeded', x: 1, tries: 1 } },
    },
  },
  {
    says: 'in scope: task and project constants',
    flow: gives({
      who: '${task.startedBy}',
      number: '${task.number > 0}',
      name: '${task.name}',
      project: '${task.project}',
      region: '${project.region}',
    }),
    launch: { title: 'Release v1' },
    ends: {
      phase: 'succeeded',
      outputs: { x: { who: 'Li', number: true, name: 'Release v1', project: 'default', region: 'eu' } },
    },
  },
  {
    says: 'inside onFail error.{cause, code, message}',
    flow: {
      nodes: {
        a: act({
          ...does('fail', 'ok'),
          onFail: {
            retry: {
              times: 1,
              delay: '1ms',
              when: "${error.cause == 'error' && error.code == 'EXIT_3' && error.message.contains('exit code 3')}",
            },
          },
        }),
      },
    },
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'has() and ?.orValue are there for what a plugin without a schema may give',
    flow: {
      nodes: { a: act({ with: { out: { x: 1 } } }) },
      outputs: { x: '${has(a.outputs.x)}', y: '${has(a.outputs.y)}', z: '${a.outputs.?y.orValue("none")}' },
    },
    ends: { phase: 'succeeded', outputs: { x: true, y: false, z: 'none' } },
  },
  {
    says: 'an output of the flow that cannot be evaluated is left out; the task ends as it has ended',
    flow: { variables: { v: OUT }, nodes: { a: act() }, outputs: { v: '${v}', fine: '${1 + 1}' } },
    ends: { phase: 'succeeded', outputs: { fine: 2 } },
  },
  {
    says: 'computed: made anew at each use (resolve: use, default)',
    flow: {
      variables: { n: { type: 'integer' }, twice: { type: 'integer', computed: '${n * 2}' } },
      nodes: {
        a: act({ with: { out: { n: 5 } }, save: { n: 'n' } }),
        b: act({ with: { out: { x: '${twice}' } } }),
      },
      outputs: { x: '${b.outputs.x}' },
    },
    launch: { variables: { n: 1 } },
    ends: { phase: 'succeeded', outputs: { x: 10 } },
  },
  {
    says: 'computed, resolve: start: once, at the start',
    flow: {
      variables: { n: { type: 'integer' }, twice: { type: 'integer', computed: '${n * 2}', resolve: 'start' } },
      nodes: {
        a: act({ with: { out: { n: 5 } }, save: { n: 'n' } }),
        b: act({ with: { out: { x: '${twice}' } } }),
      },
      outputs: { x: '${b.outputs.x}' },
    },
    launch: { variables: { n: 1 } },
    ends: { phase: 'succeeded', outputs: { x: 2 } },
  },
  {
    says: 'a computed variable cannot be set',
    flow: {
      variables: { n: { type: 'integer' }, twice: { type: 'integer', computed: '${n * 2}' } },
      nodes: { a: act(does('fail')) },
    },
    launch: { variables: { n: 1 } },
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'edit_variables', revision: 1, variables: { twice: 7 } },
        refused: 'INVALID_INPUT',
      },
    ],
    ends: { phase: 'attention' },
  },
  {
    says: 'matches() uses a linear-time engine: a pattern that would run for ever elsewhere is answered at once',
    flow: gives("${v.matches('^(a+)+$')}", { v: { type: 'text' } }),
    launch: { variables: { v: `${'a'.repeat(200)}!` } },
    ends: { phase: 'succeeded', outputs: { x: false } },
  },
  {
    says: 'nothing is ever evaluated as host code: what a starter types stays a value',
    flow: gives('${v}', { v: { type: 'text' } }),
    launch: { variables: { v: '${task.id} $(id) `id`' } },
    ends: { phase: 'succeeded', outputs: { x: '${task.id} $(id) `id`' } },
  },
  {
    says: 'outputs are exported on failure, what there is; a saved one too',
    flow: {
      variables: { v: OUT },
      nodes: {
        a: act({ with: { does: ['fail'], out: { x: 'half' } }, save: { v: 'x' }, onFail: { then: 'ignore' } }),
        b: act(),
      },
      outputs: { v: '${v}', x: '${a.outputs.x}', status: '${a.status}' },
    },
    ends: { phase: 'succeeded', nodes: { a: 'ignored' }, outputs: { v: 'half', x: 'half', status: 'ignored' } },
  },
  {
    says: 'when: false writes nothing: what was there stays',
    flow: {
      variables: { v: { type: 'text' } },
      nodes: { a: act({ when: '${false}', with: { out: { x: 'new' } }, save: { v: 'x' } }), b: act() },
      outputs: { v: '${v}', status: '${a.status}' },
    },
    launch: { variables: { v: 'old' } },
    ends: { phase: 'succeeded', outputs: { v: 'old', status: 'skipped' } },
  },
  {
    says: 'when that cannot be judged fails its node, and may be skipped',
    flow: { variables: { v: OUT }, nodes: { a: act({ when: "${v == 'x'}" }), b: act() } },
    steps: [{ when: { phase: 'attention', messages: { a: 'v' } }, press: { kind: 'skip', nodeId: 'a' } }],
    ends: { phase: 'succeeded', nodes: { a: 'skipped' } },
    never: ['a/1 execute'],
  },
  {
    says: 'an attempt’s inputs are resolved once when it starts and never change under it',
    flow: beside(
      act({ with: { does: ['hold'], out: { x: '${v}' } } }),
      act({ with: { out: { x: 'new' } }, save: { v: 'x' } }),
      { variables: { v: { type: 'text' } }, outputs: { x: '${a.outputs.x}', v: '${v}' } },
    ),
    launch: { variables: { v: 'old' } },
    steps: [
      { when: { nodes: { a: 'running', b: 'succeeded' } }, look: { inputs: { a: { out: { x: 'old' } } } } },
      { release: true },
    ],
    ends: { phase: 'succeeded', outputs: { x: 'old', v: 'new' } },
  },
  {
    says: 'a raw input that breaks the plugin’s schema fails its attempt before anything runs',
    flow: { nodes: { a: act(does('fail')) } },
    steps: [{ when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a', inputs: { does: 'not a list' } } }],
    ends: { phase: 'attention', attempts: { a: 2 }, causes: { a: 'error' } },
    never: ['a/2 execute'],
  },
]
