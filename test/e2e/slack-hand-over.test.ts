/** Work handed over in Slack: asked by one, claimed, given back and put right by others, each seeing every step. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { haveEmulators, type SlackMessage } from '../emulators.ts'
import { about, buttonsOf, slackWorld, textOf, type World } from './slack-world.ts'
import { HAND_OVER, requestBy, taskNumbered } from './stories/hand-over.ts'

const LONG = 60_000
describe.skipIf(!haveEmulators)('hand-over in Slack', () => {
  let world: World
  beforeAll(async () => {
    world = await slackWorld('http', {
      documents: HAND_OVER,
      publish: ['tell-it'],
      emulator: { rateLimits: 'post', timeScale: 0.001 },
    })
  })
  afterAll(async () => {
    if (world) expect(world.emu.log.failures).toEqual([])
    await world?.stop()
  })

  const request = (what: string): Promise<number> =>
    requestBy(world.owner, async () => {
      const { alice } = world
      await alice.slash('/baton', `please-tell what=${what}`)
      await alice.waitForModal((view) => view.callback_id === 'baton_form', 10_000)
      for (let answer = await alice.submit(); !answer.closed; answer = await alice.submit())
        expect(answer.pushed).toBeDefined()
    })
  const taskOf = (number: number) => taskNumbered(world.owner, number)
  const becomes = (message: SlackMessage, says: string): Promise<SlackMessage> =>
    world.emu.waitForMessage(
      message.channel,
      (one) => one.ts === message.ts && buttonsOf(one).length === 0 && textOf(one).includes(says),
      LONG,
    )

  test('both of Ops are asked; of two who claim at once one wins, every copy says who, and whoever asked sees it', async () => {
    const { emu, alice, bob, carol } = world
    const number = await request('one')
    const [his, hers] = await Promise.all([
      emu.waitForMessage(bob.id, about(number, 'claim_request'), LONG),
      emu.waitForMessage(carol.id, about(number, 'claim_request'), LONG),
    ])
    expect((await taskOf(number))?.phase).toBe('REQUESTED')
    expect(textOf(his)).toContain('Alice Adams')
    const hersToo = await emu.waitForMessage(alice.id, about(number, 'withdraw_request'), LONG)
    expect(textOf(hersToo)).toContain('Ops can claim it')
    await Promise.all([bob.click(his, 'claim_request'), carol.click(hers, 'claim_request')])
    await vi.waitFor(async () => expect((await taskOf(number))?.phase).toBe('SUCCEEDED'), { timeout: LONG })
    const winner = (await taskOf(number))?.handOver?.holder?.name ?? 'nobody'
    expect(['Bob Builder', 'Carol Ops']).toContain(winner)
    for (const message of [his, hers]) await becomes(message, 'Claimed')
    await emu.waitForMessage(alice.id, (message) => textOf(message).includes(`${winner} has claimed it`), LONG)
  })

  test('given back with a reason, changed by whoever asked, claimed with a correction that is told', async () => {
    const { emu, alice, bob, carol } = world
    const number = await request('two')
    const his = await emu.waitForMessage(bob.id, about(number, 'reject_request'), LONG)
    await bob.click(his, 'reject_request')
    await bob.waitForModal((view) => view.callback_id === 'baton_form')
    await bob.fill('.note', 'two of what?')
    expect((await bob.submit()).closed).toBe(true)
    await becomes(his, 'Rejected')

    const back = await emu.waitForMessage(
      alice.id,
      (message) => about(number, 'resubmit_request')(message) && textOf(message).includes('two of what?'),
      LONG,
    )
    await alice.click(back, 'resubmit_request')
    const form = await alice.waitForModal((view) => view.callback_id === 'baton_form')
    expect(JSON.stringify(form.blocks)).not.toContain('Limit') // what the app fixes is nobody's to change
    await alice.fill('what', 'apples')
    expect((await alice.submit()).closed).toBe(true)

    const again = await emu.waitForMessage(
      carol.id,
      (message) => about(number, 'claim_request')(message) && textOf(message).includes('apples'),
      LONG,
    )
    const correct = again.blocks
      .flatMap((block) => block.elements ?? [])
      .find((element) => JSON.stringify(element).includes('Correct and claim'))
    expect(correct?.action_id).toBeDefined()
    await carol.click(again, correct!.action_id!)
    await carol.waitForModal((view) => view.callback_id === 'baton_form')
    await carol.fill('what', 'pears')
    await carol.fill('.note', 'there are no apples')
    expect((await carol.submit()).closed).toBe(true)
    await vi.waitFor(async () => expect((await taskOf(number))?.phase).toBe('SUCCEEDED'), { timeout: LONG })
    expect((await taskOf(number))?.variables).toEqual({ what: 'pears told', limit: 5 })
    const told = await emu.waitForMessage(
      alice.id,
      (message) => textOf(message).includes('Carol Ops has claimed it'),
      LONG,
    )
    expect(textOf(told)).toContain('corrected What')
    expect(textOf(told)).toContain('there are no apples')
  })

  test('withdrawn: nobody can claim it any more', async () => {
    const { emu, alice, bob } = world
    const number = await request('three')
    const his = await emu.waitForMessage(bob.id, about(number, 'claim_request'), LONG)
    const hers = await emu.waitForMessage(alice.id, about(number, 'withdraw_request'), LONG)
    await alice.click(hers, 'withdraw_request')
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    expect((await alice.submit()).closed).toBe(true)
    await becomes(his, 'Withdrawn')
    expect((await taskOf(number))?.phase).toBe('REVOKED')
  })
})
