/** What is done about questions in Slack beside answering them: reminded, taken over, handed to a role, approved several at once, muted. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { haveEmulators, type SlackMessage, type SlackPerson } from '../emulators.ts'
import { about, buttonsOf, hasButton, slackWorld, textOf, type World } from './slack-world.ts'
import { askDocuments, begin, taskWithAsks } from './stories/asks.ts'

const LONG = 60_000
describe.skipIf(!haveEmulators)('questions in Slack', () => {
  let world: World
  beforeAll(async () => {
    world = await slackWorld('http', {
      documents: askDocuments('Bob Builder', ['Bob Builder']),
      publish: ['ask-them', 'fill-in', 'break'],
      emulator: { rateLimits: 'post', timeScale: 0.001 },
    })
  })
  afterAll(async () => {
    if (world) expect(world.emu.log.failures).toEqual([])
    await world?.stop()
  })
  const taskOf = (id: string) => taskWithAsks(world.owner, id)
  const card = (person: SlackPerson, number: number, id: string): Promise<SlackMessage> =>
    world.emu.waitForMessage(person.id, about(number, id), LONG)
  const overflow = (message: SlackMessage, label: string): string =>
    message.blocks
      .flatMap((block) => block.elements ?? [])
      .flatMap((element) => element.options ?? [])
      .find((option) => option.text.text === label)?.value ?? ''

  test('whoever started it reminds those who are asked; they ring, and the starter reads whom', async () => {
    const { emu, alice, bob } = world
    await alice.slash('/baton', 'ask-them what=one')
    await alice.waitForModal((view) => view.callback_id === 'baton_form', 10_000)
    for (let answer = await alice.submit(); !answer.closed; answer = await alice.submit())
      expect(answer.pushed).toBeDefined()
    const his = await emu.waitForMessage(
      bob.id,
      (message) => textOf(message).includes('Ask one') && hasButton(message, 'approve'),
      LONG,
    )
    const hers = await emu.waitForMessage(
      alice.id,
      (message) => textOf(message).includes('Ask one') && overflow(message, 'Remind') !== '',
      LONG,
    )
    await alice.select(hers, 'more', overflow(hers, 'Remind'))
    await emu.waitForMessage(alice.id, (message) => textOf(message).includes('Reminded: Bob Builder.'), LONG)
    await emu.waitForMessage(
      bob.id,
      (message) => message.thread_ts === his.ts && textOf(message).includes('Ask one'),
      LONG,
    )
  })

  test('what somebody has taken is taken over with a reason by whoever may reassign', async () => {
    const { bob, carol } = world
    const { id, number } = await begin(world.owner, 'fill-in')
    const his = await card(bob, number, 'claim')
    const hers = await card(carol, number, 'claim')
    await bob.click(his, 'claim')
    const taken = await world.emu.waitForMessage(
      carol.id,
      (message) => message.ts === hers.ts && textOf(message).includes('Take from Bob Builder'),
      LONG,
    )
    await carol.click(taken, 'release')
    const modal = await carol.waitForModal((view) => view.callback_id === 'baton_form')
    expect(JSON.stringify(modal.blocks)).toContain('Bob Builder has it')
    await carol.fill('.note', 'Bob is at lunch')
    expect((await carol.submit()).closed).toBe(true)
    await vi.waitFor(async () => expect((await taskOf(id))?.asks[0]?.claimedBy?.name).toBe('Carol Ops'))
    await card(carol, number, 'submit')
  })

  test('a place is handed to a role: any one of it answers', async () => {
    const { bob, carol } = world
    const { id, number } = await begin(world.owner, 'ask-them', { what: 'two' })
    const his = await card(bob, number, 'transfer')
    await bob.click(his, 'transfer')
    await bob.waitForModal((view) => view.callback_id === 'baton_form')
    const found = await bob.search('.to', 'ops')
    const ops = found.find(({ text }) => text.text.startsWith('Ops ('))
    expect(ops?.value).toBe('=role:ops')
    await bob.fill('.to', ops?.value)
    await bob.fill('.note', 'theirs')
    expect((await bob.submit()).closed).toBe(true)
    const hers = await card(carol, number, 'approve')
    const asked = (await taskOf(id))?.asks[0]?.waitingOn.map(({ name }) => name)
    expect(asked).toContain('Carol Ops')
    expect(asked).not.toContain('Bob Builder')
    await carol.click(hers, 'approve')
    await vi.waitFor(async () => expect((await taskOf(id))?.phase).toBe('SUCCEEDED'), { timeout: LONG })
  })

  test('several approvals of one app are shown with their facts and approved at once, each by itself', async () => {
    const { emu, bob } = world
    const tasks = [
      await begin(world.owner, 'ask-them', { what: 'three' }),
      await begin(world.owner, 'ask-them', { what: 'four' }),
    ]
    for (const { number } of tasks) await card(bob, number, 'approve')
    const inbox = await vi.waitFor(
      async () => {
        await bob.slash('/baton', 'inbox')
        return emu.waitForMessage(bob.id, (message) => hasButton(message, 'batch'), 3000)
      },
      { timeout: LONG },
    )
    await bob.click(inbox, 'batch')
    const all = await emu.waitForMessage(bob.id, (message) => hasButton(message, 'approve_all'), LONG)
    for (const word of ['three', 'four']) expect(textOf(all)).toContain(`What: ${word}`)
    expect((await bob.click(all, 'approve_all', { deny: true })).denied).toBe(true)
    await bob.click(all, 'approve_all')
    for (const { id } of tasks)
      await vi.waitFor(async () => expect((await taskOf(id))?.phase).toBe('SUCCEEDED'), { timeout: LONG })
    expect((await taskOf(tasks[1]!.id))?.asks[0]?.decisions).toMatchObject([
      { by: { name: 'Bob Builder', surface: 'slack' }, verdict: 'APPROVE' },
    ])
    await emu.waitForMessage(bob.id, (message) => /Approved \d/.test(textOf(message)), LONG)
  })

  test('an alert is muted from its card', async () => {
    const { emu, bob } = world
    const { number } = await begin(world.owner, 'break')
    const his = await card(bob, number, 'more')
    await bob.select(his, 'more', overflow(his, 'Mute…'))
    const modal = await bob.waitForModal((view) => view.callback_id === 'baton_form')
    expect(JSON.stringify(modal.blocks)).toContain('All of Break')
    await bob.fill('.what', '=app')
    const said = await bob.submit()
    expect(JSON.stringify(said.updated?.blocks)).toContain('Break is muted until')
    await bob.closeModal({ all: true })
    const second = await begin(world.owner, 'break')
    await vi.waitFor(async () => expect((await taskOf(second.id))?.phase).toBe('ATTENTION'), { timeout: LONG })
    const third = await begin(world.owner, 'ask-them', { what: 'five' })
    await card(bob, third.number, 'approve') // what came after it is there
    expect(
      (emu.messages.get(his.channel) ?? []).filter(
        (message) => textOf(message).includes(`#${second.number}`) && buttonsOf(message).includes('retry'),
      ),
    ).toEqual([])
  })
})
