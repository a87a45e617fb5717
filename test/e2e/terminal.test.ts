/** What operators and authors do in a terminal, on a real process: versions, children, queues, ways, times, and going on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { terminalOf, type Terminal } from '../terminal.ts'

const head = (kind: string, name: string, title = name) =>
  `apiVersion: baton/v1\nkind: ${kind}\nmetadata: {name: ${name}, title: ${title}}\n`
const SMOKE = `${head('Flow', 'smoke', 'Smoke test')}spec:
  nodes:
    look: {use: wait, title: Look, with: {for: 1h}}
`
const SHIP = `# ships one thing after another
${head('Flow', 'ship', 'Ship')}spec:
  variables:
    fast: {type: boolean, title: Fast, default: false}
    slow: {type: boolean, title: Slow, default: false}
    build: {type: text, title: Build, show: false}
  concurrency: {key: ship, limit: 1, whenBusy: queue}
  nodes:
    prepare: {use: set@1, title: Prepare, with: {build: b-7}}
    gate:
      gateway: exclusive
      title: Which way
      branches:
        - {when: "\${fast}", next: soak, title: Fast lane}
        - {when: "\${slow}", next: child, title: Slow lane}
    soak: {use: wait, title: Soak, with: {for: 1h}, next: child}
    child: {use: flow, title: Test it, with: {flow: smoke, version: latest}}
  outputs: {build: "\${build}"}
`
describe('the terminal', () => {
  let baton: BatonProcess
  let cli: Terminal
  const ok = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, out } = await cli(args, input)
    expect(code, out).toBe(0)
    return out
  }
  /** Number of the task that a launch made. */
  const run = async (...args: string[]): Promise<string> =>
    /#(\d+)/.exec(await ok(['run', 'ship', '--flow', ...args]))![1]!
  const shows = (task: string, what: string | RegExp) =>
    expect.poll(async () => (await cli(['task', task])).out).toMatch(what)

  beforeAll(async () => {
    baton = await startBatonProcess()
    cli = await terminalOf(baton)
    await ok(['apply', '-f', '-', '--publish'], SMOKE)
  })
  afterAll(() => baton?.close())

  test('versions are shown, held against each other and made current again', async () => {
    await ok(['apply', '-f', '-'], SHIP.replace('for: 1h}, next', 'for: 2h}, next'))
    await ok(['flow', 'publish', 'ship', '--note', 'first'])
    await ok(['apply', '-f', '-'], SHIP)
    expect(await ok(['flow', 'list'])).toMatch(/ship +Ship +version 1 +draft by/)
    expect(await ok(['flow', 'diff', 'ship'])).toContain(
      '+    soak: {use: wait, title: Soak, with: {for: 1h}, next: child}',
    )
    await ok(['flow', 'publish', 'ship'])
    expect(await ok(['flow', 'use', 'ship@1'])).toContain('Version 1 of ship is current')
    expect(await ok(['flow', 'show', 'ship'])).toMatch(/▸ version 1 .*first/)
    await ok(['flow', 'use', 'ship@2'])
    const shown = await ok(['flow', 'show', 'ship'])
    expect(shown).toMatch(/▸ version 2/)
    expect(shown).toContain('# ships one thing after another')
  })

  test('a way is chosen, a step held back and let begin, a time moved, and the child hangs from its step', async () => {
    const task = await run()
    await shows(task, 'baton branch')
    const refused = await cli(['branch', task, 'gate', 'nowhere'])
    expect(refused.out).toContain('gate has no branch “nowhere”: soak (Fast lane), child (Slow lane)')
    await ok(['hold', task, 'child'])
    await ok(['branch', task, 'gate', 'Fast lane', '--note', 'in a hurry'])
    await shows(task, /◐ Soak +Until/)
    await ok(['move', task, 'soak', 'now'])
    await shows(task, /paused[^]*Test it +Held back/)
    await ok(['note', task, 'ask', 'Li', 'first'])
    await shows(task, 'Note: ask Li first')
    await ok(['release', task, 'child'])
    await shows(task, /└ . (running|waiting) +Smoke test +#\d+/)
    expect(await ok(['flow', 'refs', 'smoke'])).toMatch(/● +Flow ship@2 +spec.nodes.child.with.flow +in use/)
    expect((await cli(['delete', 'Flow/smoke'])).out).toContain('is in use by')

    const next = await run('fast=true')
    await shows(next, new RegExp(`Waits for Ship #${task}, position 1`))
    await ok(['stop', task])
    await shows(task, 'stopped')
    await shows(next, /◐ Soak/)
    await ok(['stop', next])
    await shows(next, 'stopped')

    const again = await run('--from', task)
    await shows(again, new RegExp(`Prepare +Kept from #${task}`))
    await ok(['stop', again])
  })

  test('a start is planned, taken back and made', async () => {
    const task = await run('--later')
    await shows(task, 'not started')
    await ok(['plan', task, 'in 30m'])
    await shows(task, 'Starts at')
    await ok(['plan', task, 'never'])
    expect((await cli(['task', task])).out).not.toContain('Starts at')
    await ok(['start', task])
    await shows(task, /Prepare|needs attention/)
    await ok(['stop', task])
  })
})
