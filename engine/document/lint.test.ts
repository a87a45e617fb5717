import { describe, expect, test } from 'vitest'
import type { Directory } from '../core/env.ts'
import { definePlugin, done, encoded, literal, secret, z } from '../plugin/index.ts'
import { createRegistry } from '../runtime/plugin-registry.ts'
import { lint, type LocatedFinding } from './index.ts'

const execute = async () => done({})
const plugins = createRegistry([
  definePlugin({
    code: 'ssh.script',
    version: '1.2.0',
    title: 'Script',
    execute: async () => done({ exitCode: 0, stdout: '', stderr: '', values: {} }),
    inputs: z.object({
      host: z.string(),
      script: literal(z.string()).optional(),
      scriptFrom: z.string().optional(),
      args: z.array(z.string()).default([]),
      env: secret(z.record(z.string(), z.string())).default({}),
    }),
    outputs: z.object({
      exitCode: z.int(),
      stdout: z.string(),
      stderr: z.string(),
      values: z.record(z.string(), z.string()),
    }),
  }),
  definePlugin({
    code: 'http.request',
    version: '1.0.0',
    title: 'HTTP',
    execute: async () => done({ status: 200, body: null }),
    inputs: z.object({
      url: encoded(z.string()),
      method: z.enum(['GET', 'POST']).default('GET'),
      headers: secret(z.record(z.string(), z.string())).default({}),
    }),
    outputs: z.object({ status: z.int(), body: z.json() }),
  }),
  definePlugin({
    code: 'set',
    version: '1.0.0',
    title: 'Set',
    saves: true,
    inputs: z.record(z.string(), z.json()),
    execute,
  }),
  definePlugin({ code: 'shop.call', version: '2.0.0', title: 'Shop', inputs: z.object({}), execute }),
])
const hosts: Record<string, readonly string[]> = { '@web': ['web-1', 'web-2'], 'web-1': ['web-1'], 'web-2': ['web-2'] }
const directory: Directory = {
  people: () => [],
  title: (ref) => ref,
  constants: () => ({ BASE: 'https://shop.example' }),
  hosts: (ref) => hosts[ref] ?? [],
  allHosts: () => [
    { name: 'web-1', labels: ['web'] },
    { name: 'web-2', labels: ['web'] },
  ],
  calendar: () => null,
  knows: (ref) => ['role:qa', 'role:ops', 'Li Wei'].includes(ref),
}
const run = (text: string) => lint(text, { plugins, directory, secrets: () => ['web.token'] }).findings
const flow = (spec: string): string =>
  `apiVersion: baton/v1\nkind: Flow\nmetadata: {name: f}\nspec:\n${spec.replace(/^/gm, '  ')}`
const say = (finding: LocatedFinding): string => `${finding.line}:${finding.col} ${finding.message}`
const errorsOf = (text: string): string[] =>
  run(text)
    .filter((finding) => finding.severity === 'error')
    .map(say)
const warningsOf = (text: string): string[] =>
  run(text)
    .filter((finding) => finding.severity === 'warning' && finding.code !== 'no_advice')
    .map(say)

describe('a text that cannot be read', () => {
  test.each<[string, string, string]>([
    [
      'malformed YAML',
      'a: [1, 2',
      '1:9 The indentation does not fit the lines around it (Flow sequence in block collection must be sufficiently indented and end with a ])',
    ],
    ['tabs', 'a:\n\tb: 1', '2:1 Indent with spaces, not tabs (Tabs are not allowed as indentation)'],
    ['a key twice', 'a: 1\na: 2', '2:1 “a” stands here twice'],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]`,
      '5:23 Aliases (*name) here unfold into more than 50,000 values',
    ],
    ['an alias of itself', 'a: &x {b: *x}', '1:11 *x stands inside what it refers to'],
    ['endless nesting', '['.repeat(1000), '1:66 This is nested more than 64 levels deep'],
    [
      'documents without end',
      '---\na: 1\n'.repeat(90_000),
      '2001:1 This text has more than 1000 documents. Split it into several files',
    ],
    [
      'ends of documents without end',
      'a: 1\n...\n'.repeat(90_000),
      '2002:1 This text has more than 1000 documents. Split it into several files',
    ],
    ['too much of it', `a: ${'x'.repeat(1_100_000)}`, '1:1 This text has more than 1 MiB. Split it into several files'],
    [
      'a number that would lose digits',
      'a: 12345678901234567890',
      '1:4 This number cannot be kept exactly. Put it in quotes',
    ],
    ['a key that is a trap', '__proto__: 1', '1:1 “__proto__” cannot be a key'],
  ])('%s', (_what, text, expected) => {
    const started = performance.now()
    expect(run(text).map(say)).toEqual([expected])
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('a document that refuses to be saved', () => {
  test('an unknown key is located and the known one named', () => {
    expect(errorsOf(flow('nodes:\n  a:\n    use: set@1\n    whit: {}'))).toEqual([
      '8:7 unknown key “whit”, did you mean “with”?',
    ])
  })
  test('one name twice in a text is seen', () => {
    const role = 'apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa}\nspec: {members: []}\n'
    expect(errorsOf(`${role}---\n${role}`)).toEqual([
      '8:18 Role/default/qa stands here twice: it is document 1 already',
    ])
  })
  test('JSON is read and located just as well', () => {
    expect(
      errorsOf('{"apiVersion": "baton/v1", "kind": "Role",\n "metadata": {"name": "qa"},\n "spec": {"member": []}}'),
    ).toEqual(['3:11 unknown key “member”, did you mean “members”?'])
  })
})

/** Each wrong in one way. `6:…` is the first line under `spec:` plus one. */
const BAD: readonly [what: string, spec: string, ...expected: string[]][] = [
  [
    'an unknown plugin',
    'nodes: {a: {use: ssh.scipt@1}}',
    '5:20 There is no plugin “ssh.scipt”. Did you mean “ssh.script@1”?',
  ],
  [
    'an unknown plugin that is given a secret: one slip, one finding',
    'nodes: {a: {use: http.reqest@1, with: {url: x, headers: {A: "${secrets.web.token}"}}}}',
    '5:20 There is no plugin “http.reqest”. Did you mean “http.request@1”?',
  ],
  [
    'an unknown version',
    'nodes: {a: {use: set@7}}',
    '5:20 There is no version “7” of set. The newest is 1.0.0: write set@1',
  ],
  [
    'an unknown input',
    'nodes: {a: {use: ssh.script@1, with: {host: web-1, script: x, arg: []}}}',
    '5:65 ssh.script takes no “arg”. Did you mean “args”?',
  ],
  ['a missing input', 'nodes: {a: {use: ssh.script@1, with: {script: x}}}', '5:34 ssh.script needs “host”'],
  [
    'an input of the wrong type',
    'nodes: {a: {use: http.request@1, with: {url: x, method: GTE}}}',
    '5:59 http.request does not take this: Invalid option: expected one of "GET"|"POST"',
  ],
  [
    'a reference to nothing',
    'variables: {version: {type: text}}\nnodes: {a: {use: set@1, with: {version: "${versoin}"}}}',
    '6:43 There is no variable or step “versoin”. Did you mean “version”?',
  ],
  [
    'an output nobody gives',
    'nodes: {a: {use: ssh.script@1, with: {host: web-1, script: x}}, b: {use: http.request@1, with: {url: "x/${a.outputs.stdot}"}}}',
    '5:104 “a” gives no “stdot”. Did you mean “stdout”?',
  ],
  [
    'an output without its word',
    'nodes: {a: {use: ssh.script@1, with: {host: web-1, script: x}}, b: {use: http.request@1, with: {url: "x/${a.stdout}"}}}',
    '5:104 Write “a.outputs.stdout”',
  ],
  [
    'an unknown constant',
    'nodes: {b: {use: http.request@1, with: {url: "${project.BASSE}/x"}}}',
    '5:48 “project” has no “BASSE”. Did you mean “BASE”?',
  ],
  [
    'an unknown field of task',
    'nodes: {b: {use: http.request@1, with: {url: "x/${task.numbr}"}}}',
    '5:48 “task” has no “numbr”. Did you mean “number”?',
  ],
  ['broken syntax', 'nodes: {b: {use: http.request@1, with: {url: "x/${1 +}"}}}', '5:48 ${1 +}: unexpected token: EOF'],
  [
    'types that cannot meet',
    'variables: {n: {type: integer, required: true}}\nnodes: {b: {use: set@1, with: {n: "${n + \'x\'}"}}}',
    "6:37 ${n + 'x'}: no such overload: int + string",
  ],
  [
    'a condition that is a text',
    'nodes: {g: {gateway: exclusive, branches: [{when: "x ${1 == 1}", next: a}, {else: true, next: end}]}, a: {use: set@1}}',
    '5:53 A condition is true, false, or exactly one ${…}',
  ],
  [
    'item outside each',
    'nodes: {b: {use: http.request@1, with: {url: "x/${item.index}"}}}',
    '5:48 “item” can be read only in the inputs of a step with “each”',
  ],
  [
    'error outside onFail',
    'nodes: {b: {use: http.request@1, with: {url: "x/${error.code}"}}}',
    '5:48 “error” can be read only inside onFail',
  ],
  [
    'a secret in the open',
    'nodes: {b: {use: http.request@1, with: {url: "x/${secrets.web.token}"}}}',
    '5:48 The secret “secrets.web.token” can only stand in an input that its plugin keeps secret, such as env of ssh.script or headers of http.request',
  ],
  [
    'a secret looked into',
    'nodes: {b: {use: http.request@1, with: {url: x, headers: {A: "${secrets.web.token + \'x\'}"}}}}',
    '5:64 A secret can only be handed on as it is: write ${secrets.<namespace>.<key>} alone or inside a text',
  ],
  [
    'a secret that does not exist',
    'nodes: {b: {use: http.request@1, with: {url: x, headers: {A: "${secrets.web.tokn}"}}}}',
    '5:64 This flow may use no secret “web.tokn”. Did you mean “web.token”? Secrets are named by a SecretRef document',
  ],
  [
    'a secret variable in a condition',
    'variables: {p: {type: password}}\nnodes: {a: {use: set@1, when: "${p == \'x\'}"}}',
    '6:33 The secret “p” can only stand in an input that its plugin keeps secret, such as env of ssh.script or headers of http.request',
  ],
  [
    'a secret on a card',
    'variables: {p: {type: password, onCard: true}}\nnodes: {a: {use: set@1}}',
    '5:43 A secret cannot stand on a card',
  ],
  [
    'a secret with a default',
    'variables: {p: {type: password, default: hunter22}}\nnodes: {a: {use: set@1}}',
    '5:44 A secret in a document is no secret: leave its default out, or use a SecretRef',
  ],
  [
    'a hostile pattern',
    "variables: {v: {type: text, pattern: '(?=a)(a+)+$'}}\nnodes: {a: {use: set@1}}",
    '5:40 This pattern cannot be used: look-ahead and look-behind are not supported (RE2 syntax)',
  ],
  [
    'a pattern that explodes',
    "variables: {v: {type: text, pattern: '((a{100}){100}){100}'}}\nnodes: {a: {use: set@1}}",
    '5:40 This pattern cannot be used: invalid repeat count: `{100}`',
  ],
  [
    'a default that does not fit',
    "variables: {v: {type: text, title: Version, pattern: '^v\\d+$', default: '7'}}\nnodes: {a: {use: set@1}}",
    '5:75 “7” is not a version. Use v7',
  ],
  [
    'limits nothing fits',
    'variables: {n: {type: number, min: 5, max: 1}}\nnodes: {a: {use: set@1}}',
    '5:38 “min” 5 is above “max” 1: no value fits',
  ],
  [
    'a choice of nothing',
    'variables: {s: {type: select}}\nnodes: {a: {use: set@1}}',
    '5:15 A select needs “options” or “optionsFrom”',
  ],
  [
    'a calendar that is not there',
    'nodes: {a: {use: wait, with: {workingHours: office}}}',
    '5:47 There is no calendar “office”. Apply a Calendar document of that name',
  ],
  [
    'options of two sources',
    'variables: {s: {type: select, optionsFrom: {plugin: shop.call@2, http: {url: "https://x"}}}}\nnodes: {a: {use: set@1}}',
    '5:33 Options come from “http” or from a “plugin”: write one of them',
    '5:55 Shop offers nothing to choose from',
  ],
  [
    'a plugin that offers nothing',
    'variables: {s: {type: select, optionsFrom: {plugin: shop.call@2}}}\nnodes: {a: {use: set@1}}',
    '5:55 Shop offers nothing to choose from',
  ],
  [
    'options that wait for themselves',
    'variables: {a: {type: select, optionsFrom: {http: {url: "https://x/${b}"}}}, b: {type: select, optionsFrom: {http: {url: "https://x/"}, dependsOn: [a]}}}\nnodes: {n: {use: set@1}}',
    '5:33 Its options wait for themselves: a → b → a. Take one of these out',
    '5:139 Its options wait for themselves: b → a → b. Take one of these out',
  ],
  [
    'a key that options do not have',
    'variables: {s: {type: select, optionsFrom: {http: {url: "https://x", item: x}}}}\nnodes: {a: {use: set@1}}',
    '5:72 unknown key “item”, did you mean “items”?',
  ],
  [
    'a reserved name',
    'variables: {type: {type: text}}\nnodes: {task: {use: set@1}}',
    '5:15 “type” cannot be a name: it is a word of the expression language',
    '6:11 “task” cannot be a name: it means something else in expressions',
  ],
  [
    'one name for two things',
    'variables: {a: {type: text}}\nnodes: {a: {use: set@1}}',
    '6:11 “a” is also a variable. ${a} could mean either: rename one',
  ],
  [
    'a save into nothing',
    'variables: {build: {type: text, show: false}}\nnodes: {a: {use: ssh.script@1, with: {host: web-1, script: x}, save: {biuld: stdout}}}',
    '6:80 There is no variable “biuld” to save into. Did you mean “build”? Declare it, with show: false if no form asks for it',
  ],
  [
    'a save of nothing',
    'variables: {build: {type: text, show: false}}\nnodes: {a: {use: ssh.script@1, with: {host: web-1, script: x}, save: {build: stdotu}}}',
    '6:80 “a” gives no “stdotu”. Did you mean “stdout”?',
  ],
  [
    'a next that is nowhere',
    'nodes: {a: {use: set@1, next: chek}, check: {use: set@1}}',
    '5:33 There is no step “chek”. Did you mean “check”?',
    '5:40 Nothing leads to “check”. Point a “next” at it, list it in “finally”, or take it out',
  ],
  [
    'a loop that cannot end',
    'nodes: {a: {use: set@1, next: b}, b: {use: set@1, next: a}}',
    '5:11 a → b → a is a loop with no way out. Add a gateway with a branch that leaves it',
  ],
  [
    'a loop whose way out is never taken',
    'nodes: {a: {use: set@1}, g: {gateway: exclusive, branches: [{when: false, next: end}, {else: true, next: a}]}}',
    '5:11 a → g → a is a loop with no way out. Add a gateway with a branch that leaves it',
  ],
  [
    'a way that only leads into a loop',
    'nodes: {s: {use: set@1, next: a}, a: {use: set@1, next: a}}',
    '5:11 From “s” the end cannot be reached: it only leads into a loop',
    '5:37 a → a is a loop with no way out. Add a gateway with a branch that leaves it',
  ],
  [
    'an unreachable step',
    'nodes: {a: {use: set@1, next: end}, b: {use: set@1}}',
    '5:39 Nothing leads to “b”. Point a “next” at it, list it in “finally”, or take it out',
  ],
  [
    'a branch that ends the task',
    'nodes: {f: {gateway: parallel, next: [a, b]}, a: {use: set@1, next: j}, b: {use: set@1, next: end}, j: {gateway: converge}}',
    '5:91 f → b → end ends its branch inside the block of “f”: “j” then waits for it for ever, and nothing behind it runs. Go to “j” instead',
  ],
  [
    'a deadlock',
    'nodes: {g: {gateway: exclusive, branches: [{when: "${1 == 1}", next: a}, {else: true, next: j}]}, a: {use: set@1, next: j}, j: {gateway: converge}}',
    '5:127 g → j reaches the converge “j” outside any block: it would wait for branches that never come. Go to the step behind it',
  ],
  [
    'a step in two branches',
    'nodes: {f: {gateway: parallel, next: [a, b]}, a: {use: set@1, next: c}, b: {use: set@1, next: c}, c: {use: set@1, next: j}, j: {gateway: converge}}',
    '5:101 “c” would run twice at once: f → a → c, and f → b → c. Join the branches with a converge before it',
  ],
  [
    'a block without a converge',
    'nodes: {f: {gateway: parallel, next: [a, b]}, a: {use: set@1, next: a}, b: {use: set@1, next: b}}',
    '5:49 a → a is a loop with no way out, and its branch never comes to a converge. Add a gateway with a branch that leaves it',
    '5:75 b → b is a loop with no way out, and its branch never comes to a converge. Add a gateway with a branch that leaves it',
  ],
  [
    'branches that end the task, and no converge',
    'nodes: {f: {gateway: parallel, next: [a, b]}, a: {use: set@1, next: end}, b: {use: set@1, next: end}}',
    '5:65 f → a → end ends a branch of “f”, which no converge closes. Add one, {gateway: converge}, and let every branch end there',
    '5:93 f → b → end ends a branch of “f”, which no converge closes. Add one, {gateway: converge}, and let every branch end there',
  ],
  [
    'a branch that nobody takes but a person, after a failure, and that ends the task',
    'nodes: {f: {gateway: parallel, next: [x, b]}, x: {gateway: exclusive, branches: [{when: false, next: end, title: off}, {else: true, next: j}]}, b: {use: set@1, next: j}, j: {gateway: converge}}',
    '5:98 f → x (off) → end ends its branch inside the block of “f”: “j” then waits for it for ever, and nothing behind it runs. Go to “j” instead',
  ],
  [
    'a way back that shows only when it is gone',
    'variables: {v: {type: text}}\nnodes: {a: {use: approval, with: {approvers: ["role:qa"], onReject: "goto ${v}"}}}',
    '6:71 “onReject” decides where the flow goes, so it is no expression: write fail, continue, starter or “goto <step>”',
  ],
  [
    'branches that end at two converges',
    'nodes: {f: {gateway: parallel, next: [a, b]}, a: {use: set@1, next: i}, b: {use: set@1, next: j}, i: {gateway: converge, next: end}, j: {gateway: converge, next: end}}',
    '5:91 f → b → j reaches “j”, but other branches of “f” come to “i”: each waits for the other for ever. Let all branches of “f” end at one converge',
  ],
  [
    'a loop out of a block',
    'nodes: {s: {use: set@1}, f: {gateway: parallel, next: [a, b]}, a: {gateway: exclusive, branches: [{when: "${1 == 1}", next: s, title: again}, {else: true, next: j}]}, b: {use: set@1, next: j}, j: {gateway: converge, next: end}}',
    '5:121 “a” → “s” crosses the border of the block of “f”. A step may only go on within its own branch, or to the block’s converge. As it is, s → f → a (again) → s → f … j → end ends its branch inside the block of “f”: “j” then waits for it for ever, and nothing behind it runs. Go to “j” instead',
  ],
  [
    'a jump into a block',
    'nodes: {g: {gateway: exclusive, branches: [{when: "${1 == 1}", next: b, title: quick}, {else: true, next: f}]}, f: {gateway: parallel, next: [a, b]}, a: {use: set@1, next: j}, b: {use: set@1, next: j}, j: {gateway: converge}}',
    '5:205 g (quick) → b → j jumps into the block of “f” and comes to its converge alone: it would wait for branches that never come. Go to “f”, or to a step outside its block',
  ],
  [
    'one converge for a block and the block inside it',
    'nodes: {f: {gateway: parallel, next: [h, b]}, h: {gateway: parallel, next: [c, d]}, b: {use: set@1, next: j}, c: {use: set@1, next: j}, d: {use: set@1, next: j}, j: {gateway: converge}}',
    '5:165 “j” closes “f” and “h”. Give each gateway its own converge. As it is, f → h … j → end ends its branch inside the block of “f”: “j” then waits for it for ever, and nothing behind it runs. Go to “j” instead',
  ],
  [
    'two branches to one step, one of them by falling through',
    'nodes: {g: {gateway: exclusive, branches: [{when: "${1 == 1}", next: a}, {else: true}]}, a: {use: set@1}}',
    '5:76 Two branches go to “a”: branches are told apart by where they go. Join their conditions with ||',
  ],
  [
    'a next left out in a block',
    'nodes: {f: {gateway: parallel, next: [a, b]}, a: {use: set@1, next: j}, b: {use: set@1}, j: {gateway: converge}}',
    '5:75 “b” runs in a branch of “f” and must say what comes next, for example next: j',
  ],
  [
    'two branches to one step',
    'nodes: {g: {gateway: exclusive, branches: [{when: "${1 == 1}", next: a}, {else: true, next: a}]}, a: {use: set@1}}',
    '5:76 Two branches go to “a”: branches are told apart by where they go. Join their conditions with ||',
  ],
  [
    'two branches saving one variable',
    'variables: {v: {type: text, show: false}}\nnodes:\n  f: {gateway: parallel, next: [a, b]}\n  a: {use: set@1, with: {v: x}, next: j}\n  b: {use: set@1, with: {v: y}, next: j}\n  j: {gateway: converge}',
    '9:5 “a” and “b” run side by side and both save “v”: which one wins would be chance. Use two variables',
  ],
  [
    'an optional approval',
    'nodes: {a: {use: approval, optional: true, with: {approvers: ["role:qa"]}}}',
    '5:40 An approval cannot be left out at launch. Put it behind a gateway with a condition instead',
  ],
  [
    'a role that does not exist',
    'nodes: {a: {use: approval, with: {approvers: ["role:qq"]}}}',
    '5:49 There is no role “qq”. Apply a document {kind: Role, metadata: {name: qq}}',
  ],
  [
    'a place nobody can fill',
    'nodes: {a: {use: approval, with: {approvers: ["role:qa"], need: {"role:ops": 1}}}}',
    '5:80 “role:ops” is not among the approvers, so this place could never be filled. Add it there',
  ],
  [
    'more answers than people',
    'nodes: {a: {use: approval, with: {approvers: ["Li Wei"], need: 2}}}',
    '5:66 2 are needed, but one person is asked. Ask more, or need fewer',
  ],
  [
    'a presser of a role that does not exist',
    'nodes: {a: {use: set@1, allow: {retry: ["role:qq"]}}}',
    '5:43 There is no role “qq”. Apply a document {kind: Role, metadata: {name: qq}}',
  ],
  [
    'a list for what runs once',
    'nodes: {a: {use: wait, with: {for: 5s}, each: {in: [1], as: x}}}',
    '5:43 “wait” runs once and takes no “each”. Only steps of plugins run over a list',
  ],
  [
    'fields nobody can fill in or read',
    'nodes: {a: {use: form, with: {by: "role:qa", fields: {by: {type: text}, b-c: {type: text}, s: {type: select}, n: {type: number, min: 2, max: 1}}}}}',
    '5:57 “a.outputs.by” is given by the step itself: call this field something else',
    '5:75 A field “b-c” could not be read later: use letters, digits and _, not beginning with a digit',
    '5:94 A select needs “options” or “optionsFrom”',
    '5:136 “min” 2 is above “max” 1: no value fits',
  ],
  [
    'a form that asks a step which has not run',
    'variables: {v: {type: text, showIf: "${a.outputs.exitCode == 0 && task.number == 1}"}}\nconcurrency: {key: "${a.outputs.exitCode}"}\nnodes: {a: {use: ssh.script@1, with: {host: web-1, script: x}}}',
    '5:39 “a” has not run yet when the form is filled in. Read variables here',
    '5:39 There is no task yet when the form is filled in. Read variables here',
    '6:22 “a” has not run yet when the task starts. Read variables here',
  ],
  [
    'values that follow from each other',
    'variables: {v: {type: text, computed: "${w}"}, w: {type: text, computed: "x ${v}"}}\nnodes: {a: {use: set@1}}',
    '5:41 “v” → “w” → “v” follow from each other, so none of them has a value. Let one be a plain variable',
  ],
  [
    'a field that shows itself',
    'variables: {v: {type: text, showIf: "${v == \'x\'}"}}\nnodes: {a: {use: set@1}}',
    '5:39 “v” is shown only when its own value says so, which nobody can set. Ask for another one',
  ],
  [
    'a start that runs at the end',
    'start: z\nnodes: {a: {use: set@1}, z: {use: set@1}}\nfinally: [z]',
    '5:10 “z” runs in “finally” and cannot be started with',
  ],
  ['an approval of nobody', 'nodes: {a: {use: approval}}', '5:11 “approval” needs “approvers”'],
  [
    'a wrong word in an approval',
    'nodes: {a: {use: approval, with: {approvers: ["role:qa"], onReject: restart}}}',
    '5:71 expected fail, continue, starter, or “goto <step>”',
  ],
  [
    'a goto to nowhere',
    'nodes: {a: {use: approval, with: {approvers: ["role:qa"], onReject: goto fix}}}',
    '5:71 There is no step “fix”',
  ],
  [
    'a question in finally',
    'nodes: {a: {use: set@1}, z: {use: confirm, with: {by: starter, text: ok}}}\nfinally: [z]',
    '5:28 Nobody can be asked in “finally”: the task has ended for people',
  ],
  [
    'a gateway in finally',
    'nodes: {a: {use: set@1}, z: {gateway: converge}}\nfinally: [z]',
    '5:28 Steps in “finally” run one after another: a gateway cannot be one',
  ],
  [
    'a next in finally',
    'nodes: {a: {use: set@1}, z: {use: set@1, next: end}}\nfinally: [z]',
    '5:50 Steps in “finally” run in the order of its list: leave “next” out',
  ],
  [
    'a presser that is no role',
    'nodes: {a: {use: set@1, allow: {retry: [starer]}}}',
    '5:43 “starer” is no role here. Did you mean “starter”? Use starter, operator, or role:… of a business role',
  ],
  [
    'a bind to what is written once it was approved',
    'variables: {v: {type: text}}\nnodes: {a: {use: approval, with: {approvers: ["role:qa"]}, bind: [v]}, b: {use: set@1, with: {v: evil}}}',
    '6:69 “b” writes “v” when this may have been approved already. Write it before, or into another variable',
  ],
  [
    'a bind to nothing',
    'variables: {env: {type: text}}\nnodes: {a: {use: approval, with: {approvers: ["role:qa"]}, bind: [envv]}}',
    '6:69 There is no variable “envv” to bind to. Did you mean “env”?',
  ],
]
describe('a flow that cannot be published', () => {
  test.each(BAD)('%s', (_what, spec, ...expected) => {
    expect(errorsOf(flow(spec))).toEqual(expected)
  })
})

test.each([
  [
    'two gateways of which only one is passed may share a converge',
    'nodes: {g: {gateway: exclusive, branches: [{when: "${1 == 1}", next: f}, {else: true, next: h}]}, f: {gateway: parallel, next: [a, b]}, h: {gateway: parallel, next: [c, d]}, a: {use: set@1, next: j}, b: {use: set@1, next: j}, c: {use: set@1, next: j}, d: {use: set@1, next: j}, j: {gateway: converge}}',
  ],
  [
    'a step may stand in the blocks of both',
    'nodes: {g: {gateway: exclusive, branches: [{when: "${1 == 1}", next: f}, {else: true, next: h}]}, f: {gateway: parallel, next: [a, b]}, h: {gateway: parallel, next: [a, d]}, a: {use: set@1, next: j}, b: {use: set@1, next: j}, d: {use: set@1, next: j}, j: {gateway: converge}}',
  ],
])('no run breaks, so it can be published: %s', (_what, spec) => {
  expect(errorsOf(flow(spec))).toEqual([])
})

describe('a flow that can, with a warning', () => {
  test.each<[string, string, ...string[]]>([
    [
      'a value that one way leaves unset',
      'variables: {v: {type: text, show: false}, env: {type: text}}\nnodes:\n  g: {gateway: exclusive, branches: [{when: "${env == \'x\'}", next: a}, {else: true, next: b}]}\n  a: {use: set@1, with: {v: x}}\n  b: {use: http.request@1, with: {url: "x/${v}"}}',
      '9:42 “v” may have no value: a way leads here past a. Give it a default, or this step fails',
    ],
    [
      'a value that only one branch of two sets',
      'nodes:\n  f: {gateway: inclusive, branches: [{when: "${1 == 1}", next: a}, {else: true, next: b}]}\n  a: {use: http.request@1, with: {url: x}, next: j}\n  b: {use: set@1, next: j}\n  j: {gateway: converge}\n  c: {use: http.request@1, with: {url: "x/${a.outputs.status}"}}',
      '10:42 “a.outputs.status” may have no value: a way leads here past a. Write a.outputs.?status.orValue(…), or this step fails',
    ],
    [
      'a value read in finally',
      'nodes:\n  a: {use: http.request@1, with: {url: x}}\n  z: {use: http.request@1, with: {url: "x/${a.outputs.status}"}}\nfinally: [z]',
      '7:42 “a.outputs.status” may have no value: the task may end before it is set. Write a.outputs.?status.orValue(…), or this step fails',
    ],
    [
      'a value nobody sets',
      'variables: {v: {type: text, show: false}}\nnodes: {b: {use: http.request@1, with: {url: "x/${v}"}}}',
      '6:48 Nothing ever gives “v” a value: no form asks for it and no step saves it',
    ],
    [
      'an output that shows only at run time',
      'nodes: {a: {use: shop.call@2}, b: {use: http.request@1, with: {url: "x/${a.outputs.id}"}}}',
      '5:71 What “a” gives shows only when it has run. Should “id” be missing this step fails; write a.outputs.?id.orValue(…) to go on',
    ],
    [
      'a script from a variable',
      'variables: {s: {type: textarea, required: true}}\nnodes: {a: {use: ssh.script@1, with: {host: web-1, scriptFrom: "${s}"}}}',
      '6:66 Whoever sets this value decides what runs on the host. Use “script” with “args” where you can',
    ],
    [
      'an address from a variable',
      'variables: {u: {type: text, required: true}}\nnodes: {a: {use: http.request@1, with: {url: "${u}"}}}',
      '6:48 Whoever sets “u” decides where this request goes. Write the fixed part of the address here where you can',
    ],
    [
      'a gateway without else',
      'nodes: {g: {gateway: exclusive, branches: [{when: "${1 == 1}", next: a}]}, a: {use: set@1}}',
      '5:35 When no condition holds, this step fails. Add {else: true, next: …}',
    ],
  ])('%s', (_what, spec, ...expected) => {
    expect(errorsOf(flow(spec))).toEqual([])
    expect(warningsOf(flow(spec))).toEqual(expected)
  })
  test.each<[string, string]>([
    [
      'both branches of a parallel block are waited for',
      'nodes:\n  f: {gateway: parallel, next: [a, b]}\n  a: {use: http.request@1, with: {url: x}, next: j}\n  b: {use: set@1, next: j}\n  j: {gateway: converge}\n  c: {use: http.request@1, with: {url: "x/${a.outputs.status}"}}',
    ],
    [
      'a guarded reading expects to find nothing',
      'variables: {env: {type: text}}\nnodes:\n  g: {gateway: exclusive, branches: [{when: "${env == \'x\'}", next: a}, {else: true, next: b}]}\n  a: {use: http.request@1, with: {url: x}}\n  b: {use: http.request@1, with: {url: "x/${a.outputs.?status.orValue(0)}"}}',
    ],
    [
      'a loop around its writer',
      'variables: {v: {type: text, show: false}}\nnodes:\n  a: {use: set@1, with: {v: x}}\n  b: {use: http.request@1, with: {url: "x/${v}"}}\n  g: {gateway: exclusive, branches: [{when: "${b.outputs.status == 200}", next: end}, {else: true, next: a}]}',
    ],
  ])('but none where %s', (_what, spec) => {
    expect([...errorsOf(flow(spec)), ...warningsOf(flow(spec))]).toEqual([])
  })
  test('a save may reach into an output', () => {
    expect(
      errorsOf(
        flow(
          'variables: {build: {type: text, show: false}}\nnodes: {a: {use: ssh.script@1, with: {host: web-1, script: x}, save: {build: values.build}}}',
        ),
      ),
    ).toEqual([])
  })
  test('fields of asks that no chat can show are named', () => {
    const found = run(
      flow(
        'nodes: {a: {use: form, with: {by: "role:qa", fields: {t: {type: table}, p: {type: password}, x: {type: text}}}}}',
      ),
    )
    expect(found.map(({ severity, code, path }) => `${severity} ${code} ${path}`)).toEqual([
      'info no_chat spec.nodes.a.with.fields.t',
      'info no_chat spec.nodes.a.with.fields.p',
    ])
  })
  test('what a form or a confirmation gives can be read', () => {
    const text = flow(
      'nodes: {a: {use: confirm, with: {by: "role:qa", text: go}}, b: {use: http.request@1, with: {url: "x/${a.outputs.by}/${a.outputs.at}"}}}',
    )
    expect(errorsOf(text)).toEqual([])
  })
  test('a starter who may retry is given advice', () => {
    const findings = (more: string) => run(flow(`nodes: {a: {use: set@1${more}}}`)).map((finding) => finding.code)
    expect(findings('')).toEqual(['no_advice'])
    expect(findings(', onFail: {advice: Retry once.}')).toEqual([])
    expect(findings(', allow: {retry: [operator]}')).toEqual([])
  })
})

describe('an app', () => {
  const bundle = (
    app: string,
    spec = 'variables: {v: {type: text, required: true}, p: {type: password}}\nnodes: {a: {use: set@1, onFail: {advice: x}}}',
  ): string =>
    `${flow(spec)}\n---\napiVersion: baton/v1\nkind: App\nmetadata: {name: app}\nspec:\n  flow: f\n  launch: [everyone]\n${app.replace(/^/gm, '  ')}`
  test.each<[string, string, string]>([
    ['a flow that is not there', 'form: {}\n', ''],
    [
      'a field that is not there',
      'form: {vv: {hide: true}}',
      'spec.form.vv: “f” has no variable “vv”. Did you mean “v”?',
    ],
    [
      'a required field hidden',
      'form: {v: {hide: true}}',
      'spec.form.v.hide: “V” is required: hidden, it needs a “default” or “fixed” here',
    ],
    [
      'a secret in the open',
      'form: {p: {fixed: hunter22}}',
      'spec.form.p: A secret in a document is no secret: leave it to the form, or use a SecretRef in the flow',
    ],
    [
      'a title that reads nothing',
      'taskTitle: "x ${w}"',
      'spec.taskTitle: There is no variable or step “w”. Did you mean “v”?',
    ],
    [
      'a secret in its title',
      'taskTitle: "x ${p}"',
      'spec.taskTitle: The secret “p” can only stand in an input that its plugin keeps secret, such as env of ssh.script or headers of http.request',
    ],
    [
      'a step left out that may not be',
      'schemes: [{name: quick, omit: [a]}]',
      'spec.schemes[0].omit[0]: “A” cannot be left out: its author did not mark it optional',
    ],
    [
      'a scheme that sets what is fixed',
      'form: {v: {fixed: x}}\nschemes: [{name: quick, variables: {v: y}}]',
      'spec.schemes[0].variables.v: “V” is fixed by this app: no scheme sets it',
    ],
    [
      'a scheme that sets what is not there',
      'schemes: [{name: quick, variables: {vv: y}}]',
      'spec.schemes[0].variables.vv: “f” has no variable “vv”. Did you mean “v”?',
    ],
    [
      'a scheme with a secret',
      'schemes: [{name: quick, variables: {p: hunter22}}]',
      'spec.schemes[0].variables.p: A secret in a document is no secret: leave it to the form',
    ],
    [
      'two schemes of one name',
      'schemes: [{name: quick}, {name: quick}]',
      'spec.schemes[1].name: There are two schemes “quick”',
    ],
    [
      'a room that is none',
      'rooms: ["slack:#release", "release"]',
      'spec.rooms[1]: “release” is no room: write slack:#release, slack:C0123ABCD or telegram:-100123/7',
    ],
    [
      'a category with a hole',
      'category: web//release',
      'spec.category: A category is a path like web/release, without an empty part',
    ],
    [
      'work handed over to everybody',
      'mode: {handOver: {to: everyone}}',
      'spec.mode.handOver.to[0]: Work is handed over to those who do it: name people, role: or group:, not “everyone”',
    ],
    [
      'a role that is not there',
      'operators: ["role:qq"]',
      'spec.operators[0]: There is no role “qq”. Apply a document {kind: Role, metadata: {name: qq}}',
    ],
  ])('is held against its flow: %s', (_what, app, expected) => {
    const found = run(bundle(app)).filter((finding) => finding.severity === 'error' && finding.document === 1)
    expect(found.map((finding) => `${finding.path}: ${finding.message}`)).toEqual(expected === '' ? [] : [expected])
  })
  test('a word that opens another app already is an error, and a version that was never published', () => {
    const known = {
      plugins,
      directory,
      apps: () => [{ name: 'release', aliases: ['Ship', '发布'] }],
      published: () => null,
    }
    const found = lint(bundle('aliases: [ship, Release]\nversion: 7'), known).findings.filter(
      ({ severity, document }) => severity === 'error' && document === 1,
    )
    expect(found.map(({ message }) => message).toSorted()).toEqual([
      '“Release” already opens the app “release”',
      '“f” has no published version 7',
      '“ship” already opens the app “release”',
    ])
  })
  test('roles, hosts and constants of the same text count as there', () => {
    const role = 'apiVersion: baton/v1\nkind: Role\nmetadata: {name: duty}\nspec: {members: []}'
    const constant = 'apiVersion: baton/v1\nkind: Constant\nmetadata: {name: NEW}\nspec: {value: x}'
    const text = flow(
      'nodes: {a: {use: approval, with: {approvers: ["role:duty"]}}, b: {use: http.request@1, with: {url: "${project.NEW}/x"}}}',
    )
    expect(errorsOf(text).length).toBe(2)
    expect(errorsOf([role, constant, text].join('\n---\n'))).toEqual([])
  })
})

test('a flow of 500 steps is checked in a few milliseconds', () => {
  const steps = Array.from(
    { length: 500 },
    (_, i) =>
      `  n${i}: {use: http.request@1, with: {url: "\${project.BASE}/\${n${Math.max(0, i - 1)}.outputs.status}", headers: {T: "\${secrets.web.token}"}}, when: "\${env == 'x${i}'}"}`,
  )
  const text = flow(`variables: {env: {type: text}}\nnodes:\n${steps.join('\n')}`)
  const context = { plugins, directory }
  lint(text, context)
  const { documents } = lint(text, context)
  expect(documents[0]?.document?.kind).toBe('Flow')
})
