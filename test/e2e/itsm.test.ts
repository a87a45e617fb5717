/** The release process of `examples/release-itsm.yaml` as five people live it, over the API of a whole Baton: forth, back to product, and to the end. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graphql, type Client } from '../../api/client/index.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { terminalOf, type Terminal } from '../terminal.ts'

const APPLY = graphql(
  'mutation($documents: String!) { apply(documents: $documents, force: true) { documents { name } } }',
)
const LAUNCH = graphql('mutation($input: LaunchInput!) { launch(input: $input) { id number } }')
const TASK = graphql(`
  query ($id: ID!) {
    task(id: $id) {
      title
      phase
      waitingFor
      children {
        id
        phase
        outcome
        flow {
          name
        }
      }
      nodes {
        id
        state
        attempt
      }
      outputs
      results {
        title
        text
      }
      variables
    }
  }
`)
const INBOX = graphql(`
  {
    inbox {
      nodes {
        id
        digest
        step
        text
        claim
        facts {
          key
          text
        }
        fields {
          key
          type
          value
        }
        earlier {
          step
          by {
            name
          }
          answers {
            key
            text
          }
        }
        task {
          id
        }
        availableActions {
          action
          allowed
        }
      }
    }
  }
`)
const REVOKE = graphql('mutation($id: ID!) { revokeTask(id: $id, reason: "the wrong package") { phase } }')
const CLAIM = graphql('mutation($id: ID!) { claimAsk(id: $id) { claimedBy { name } } }')
const DECIDE = graphql('mutation($input: DecideInput!) { decide(input: $input) { end } }')

const PEOPLE = { product: 'Pia', qa: 'Tao', ops: ['Olga', 'Omar'], qc: 'Quin', duty: 'Dora' } as const
const roles = Object.entries(PEOPLE)
  .map(([name, members]) => ({
    apiVersion: 'baton/v1',
    kind: 'Role',
    metadata: { name },
    spec: { members: [members].flat() },
  }))
  .map((document) => JSON.stringify(document))
  .join('\n---\n')
const MD5 = '6abe4b2ebfd01941d17ee69f0fcac845'
const WRONG = '0'.repeat(32)

describe('the release process of the examples', () => {
  let baton: BatonProcess
  const clients: Record<string, Client> = {}
  beforeAll(async () => {
    baton = await startBatonProcess({ BATON_EXAMPLES: 'on' })
    for (const name of ['Pia', 'Tao', 'Olga', 'Omar', 'Quin', 'Dora']) clients[name] = baton.person(name, 'starter')
    await baton.owner().query(APPLY, { documents: roles })
  })
  afterAll(() => baton?.close())

  const as = (name: string): Client => clients[name]!
  const taskOf = async (id: string) => (await as('Pia').query(TASK, { id })).task!
  /** What waits for somebody at a step, once it does. */
  async function asked(name: string, step: string, task: string) {
    let found: Awaited<ReturnType<typeof look>>
    const look = async () =>
      (await as(name).query(INBOX)).inbox.nodes.find((ask) => ask.step === step && ask.task.id === task)
    await expect
      .poll(async () => (found = await look()) !== undefined, { message: `${name} is not asked: ${step}` })
      .toBe(true)
    return found!
  }
  async function answers(name: string, step: string, task: string, fields?: Record<string, unknown>) {
    const ask = await asked(name, step, task)
    if (ask.claim) await as(name).query(CLAIM, { id: ask.id })
    const verdict = fields === undefined ? ('CONFIRM' as const) : ('SUBMIT' as const)
    await as(name).query(DECIDE, { input: { askId: ask.id, digest: ask.digest, verdict, ...(fields && { fields }) } })
    return ask
  }

  test('goes forth and back, and is released by a flow of its own', async () => {
    const input = {
      app: 'release-itsm',
      variables: { artifact: 'packages/shop-2.13.9.tar', md5: WRONG, hosts: ['@web'], changes: 'A new basket' },
    }
    await expect(as('Tao').query(LAUNCH, { input })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const { id } = (await as('Pia').query(LAUNCH, { input })).launch

    // The testers find that it is not what was built: back to product, with what they wrote.
    const first = await answers('Tao', 'Test confirms', id, {
      evaluation: 'unsuitable',
      result: 'failed',
      summary: 'The MD5 is not that of the build',
    })
    expect(first.text).toBe('A new basket')
    expect(first.fields.map(({ key, type }) => [key, type])).toEqual([
      ['evaluation', 'radio'],
      ['result', 'radio'],
      ['summary', 'textarea'],
    ])
    const back = await asked('Pia', 'Product corrects', id)
    expect(back.text).toBe('Testing did not pass: The MD5 is not that of the build')
    expect(back.fields.find(({ key }) => key === 'md5')?.value).toBe(WRONG) // prefilled with what there is
    expect(back.earlier).toMatchObject([{ step: 'Test confirms', by: { name: 'Tao' } }])
    await answers('Pia', 'Product corrects', id, {
      artifact: 'packages/shop-2.14.0.tar',
      md5: MD5,
      changes: 'A new basket, the right package',
    })

    // Asked anew, about what it is now; and called so.
    const second = await asked('Tao', 'Test confirms', id)
    expect(second.id).not.toBe(first.id)
    expect(second.facts.find(({ key }) => key === 'md5')?.text).toBe(MD5)
    expect((await taskOf(id)).title).toBe('Release packages/shop-2.14.0.tar')
    await answers('Tao', 'Test confirms', id, {
      evaluation: 'suitable',
      result: 'passed',
      summary: 'All 214 cases pass',
    })

    // Of the two in Ops one takes the coordination; the other releases, and reads what was prepared.
    const coordination = await asked('Olga', 'Ops coordinates', id)
    expect(coordination.earlier.map(({ step }) => step)).toEqual(['Product corrects', 'Test confirms'])
    await as('Olga').query(CLAIM, { id: coordination.id })
    await expect(as('Omar').query(CLAIM, { id: coordination.id })).rejects.toMatchObject({ code: 'STALE' })
    await as('Olga').query(DECIDE, {
      input: {
        askId: coordination.id,
        digest: coordination.digest,
        verdict: 'SUBMIT',
        fields: { window: 'tonight, 22:00' },
      },
    })
    const go = await answers('Omar', 'Ops releases', id)
    expect(go.text).toContain('Window: tonight, 22:00')

    // The work itself is a task of its own, on the machines.
    await expect
      .poll(async () => (await taskOf(id)).children)
      .toMatchObject([{ flow: { name: 'roll-out' }, outcome: 'SUCCEEDED' }])
    await answers('Omar', 'Ops reports', id, { report: 'No surprises' })
    const evaluation = await answers('Quin', 'QC evaluates', id, { rating: 'good', incidents: false })
    expect(evaluation.earlier.flatMap(({ answers: given }) => given).find(({ key }) => key === 'report')?.text).toBe(
      'No surprises',
    )

    await expect.poll(async () => (await taskOf(id)).phase).toBe('SUCCEEDED')
    expect(await taskOf(id)).toMatchObject({
      outputs: { artifact: 'packages/shop-2.14.0.tar', rating: 'good' },
      results: [
        { title: 'Package path', text: 'packages/shop-2.14.0.tar' },
        { title: 'Quality', text: 'Good' },
      ],
    })
  })

  test('a package that is not what it should be stops on the machine; ops ends it, and nothing was deployed', async () => {
    const input = {
      app: 'release-itsm',
      variables: { artifact: 'packages/shop-2.15.0.tar', md5: WRONG, hosts: ['web-1'], changes: 'Another basket' },
    }
    const { id } = (await as('Pia').query(LAUNCH, { input })).launch
    await answers('Tao', 'Test confirms', id, { evaluation: 'suitable', result: 'passed', summary: 'Looks right' })
    await answers('Olga', 'Ops coordinates', id, { window: 'now' })
    await answers('Olga', 'Ops releases', id)
    await expect.poll(async () => (await taskOf(id)).phase).toBe('ATTENTION')
    expect(await taskOf(id)).toMatchObject({ children: [{ phase: 'ATTENTION', flow: { name: 'roll-out' } }] })
    await as('Omar').query(REVOKE, { id })
    await expect.poll(async () => (await taskOf(id)).phase).toBe('REVOKED')
    expect((await taskOf(id)).children).toMatchObject([{ outcome: 'REVOKED' }])
  })

  test('the same in the terminal: taken, talked about, handed on, stood in for, answered', async () => {
    const tao = await terminalOf(baton, { name: 'Tao', role: 'starter' })
    const dora = await terminalOf(baton, { name: 'Dora', role: 'starter' })
    const input = { app: 'release-itsm', variables: { md5: MD5, hosts: ['web-2'], changes: 'Third basket' } }
    const { id, number } = (await as('Pia').query(LAUNCH, { input })).launch
    const ask = await asked('Tao', 'Test confirms', id)
    const ran = async (terminal: Terminal, ...args: string[]): Promise<string> => {
      const { code, out } = await terminal(args)
      expect(code, `${args.join(' ')}: ${out}`).toBe(0)
      return out
    }
    expect(await ran(tao, 'inbox')).toContain(`baton ask claim ${ask.id}`)
    expect(await ran(tao, 'ask', 'show', ask.id)).toContain('suitable | unsuitable')
    expect(await ran(tao, 'ask', 'claim', ask.id)).toContain('Taken: Test confirms')
    const plan = join(baton.data, 'plan.txt')
    writeFileSync(plan, 'step by step')
    await ran(tao, 'ask', 'comment', ask.id, 'see the plan', '--file', plan)
    expect(await ran(tao, 'ask', 'show', ask.id)).toContain('plan.txt')
    // Away until tomorrow: Dora stands in, and he gives it back.
    expect(await ran(tao, 'delegate', 'to', 'Dora', '--until', 'in 1d', '--reason', 'fair')).toContain('Dora for Tao')
    const { code, out } = await dora(['delegate', 'to', 'Tao', '--until', 'in 1d'])
    expect([code, out]).toEqual([1, expect.stringContaining('would come back to Dora')])
    await ran(tao, 'ask', 'release', ask.id)
    expect(await ran(dora, 'inbox')).toContain('for Tao')
    await ran(dora, 'ask', 'claim', ask.id)
    await ran(dora, 'submit', ask.id, 'evaluation=suitable', 'result=passed', 'summary=fine')
    expect(await ran(dora, 'ask', 'show', ask.id)).toContain('Submitted by Dora for Tao')
    expect(await ran(tao, 'delegate', 'list')).toContain('fair')
    await asked('Olga', 'Ops coordinates', id)
    expect(number).toBeGreaterThan(0)
  })
})
