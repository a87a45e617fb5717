/** Apps and requests in the terminal, by several persons, against a whole server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { terminalOf, type Terminal } from '../terminal.ts'

const DOCUMENTS = `
apiVersion: baton/v1
kind: Role
metadata: {name: movers, title: Movers}
spec: {members: [Olga, Pia]}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: move, title: Move}
spec:
  variables:
    what: {type: text, title: What, required: true}
    weight: {type: integer, title: Weight, default: 3}
  nodes:
    go: {use: set@1, title: Go, with: {what: "\${what} moved"}, save: {what: what}}
  outputs: {what: "\${what}"}
---
apiVersion: baton/v1
kind: App
metadata: {name: move, title: Move something}
spec:
  flow: move
  category: house/heavy
  aliases: [搬运]
  mode: {handOver: {to: "role:movers"}}
  launch: [everyone]
  see: [everyone]
  form: {weight: {fixed: 9}}
  taskTitle: "Move \${what}"
`

describe('apps and requests in the terminal', () => {
  let baton: BatonProcess
  let [owner, mai, olga, pia]: Terminal[] = []
  const ok = async (who: Terminal | undefined, ...args: string[]): Promise<string> => {
    const { code, out } = await who!(args)
    expect(code, out).toBe(0)
    return out
  }
  const refused = async (who: Terminal | undefined, code: number, ...args: string[]): Promise<string> => {
    const ran = await who!(args)
    expect(ran.code, ran.out).toBe(code)
    return ran.out
  }
  const request = async (what: string): Promise<string> => {
    const out = await ok(mai, 'run', '搬运', `what=${what}`)
    expect(out).toContain('Requested')
    return /#(\d+)/.exec(out)![1]!
  }

  beforeAll(async () => {
    baton = await startBatonProcess()
    owner = await terminalOf(baton)
    mai = await terminalOf(baton, { name: 'Mai', role: 'starter' })
    olga = await terminalOf(baton, { name: 'Olga', role: 'starter' })
    pia = await terminalOf(baton, { name: 'Pia', role: 'starter' })
    const { code, out } = await owner(['apply', '-f', '-', '--publish'], DOCUMENTS)
    expect(code, out).toBe(0)
  })
  afterAll(() => baton?.close())

  test('the catalogue is a tree; an app shows what is fixed; a preview says who claims it', async () => {
    const tree = await ok(mai, 'apps')
    expect(tree).toMatch(/house\/\n\s+heavy\/\n\s+move\s+Move something\s+claimed by Movers/)
    expect(await ok(mai, 'apps', 'nothing of the kind')).toContain('No apps.')
    expect(await ok(mai, 'app', '搬运')).toMatch(/weight\s+integer\s+fixed: 9/)
    expect(await ok(mai, 'preview', 'move', 'what=a piano')).toContain('Movers claim it first')
    expect(await refused(mai, 1, 'preview', 'move', 'what=a piano', 'weight=2')).toContain('fixed by this app')
    await ok(mai, 'favourite', 'move')
    expect(await ok(mai, 'apps', '--favourite')).toContain('★ move')
  })

  test('put right and claimed: it runs, and whoever asked sees what was changed', async () => {
    const number = await request('a piano')
    expect(await ok(olga, 'request')).toMatch(new RegExp(`▸ #${number}\\s+for Movers\\s+Mai\\s+Move a piano`))
    expect(await refused(mai, 4, 'request', 'claim', number)).toContain('Movers')
    await ok(olga, 'request', 'claim', number, 'what=a wing', '--note', 'pianos are heavy')
    await expect.poll(() => ok(mai, 'task', number)).toContain('succeeded')
    const seen = await ok(mai, 'task', number)
    expect(seen).toContain('Claimed by Olga: pianos are heavy')
    expect(seen).toContain('What: a piano → a wing')
    expect(await refused(pia, 1, 'request', 'claim', number)).toContain('Claimed by Olga')
    expect(await ok(mai, 'apps', '--recent')).toContain('move')
  })

  test('rejected, resubmitted, transferred, withdrawn', async () => {
    const number = await request('a safe')
    await ok(olga, 'request', 'reject', number, '--reason', 'how heavy?')
    expect(await ok(mai, 'request', '--mine')).toMatch(new RegExp(`▸ #${number}\\s+given back.*how heavy\\?`))
    await ok(mai, 'request', 'resubmit', number, 'what=a small safe')
    await ok(olga, 'request', 'transfer', number, '--to', 'Pia', '--reason', 'hers')
    expect(await refused(olga, 4, 'request', 'claim', number)).toContain('Pia')
    await ok(mai, 'request', 'withdraw', number)
    expect(await ok(mai, 'task', number)).toContain('stopped')
  })
})
