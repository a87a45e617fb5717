import { afterEach, describe, expect, test, vi } from 'vitest'
import { haveEmulators, type SlackMessage, type SlackPerson, type SlackView } from '../emulators.ts'
import { buttonsOf, hasButton, headerOf, slackWorld, textOf, type World } from './slack-world.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})
const LONG = 60_000

/** What hangs beneath a message, private answers aside. */
const beneath = ({ emu }: World, channel: string, root: SlackMessage): readonly SlackMessage[] =>
  (emu.messages.get(channel) ?? []).filter(
    (message) => message.thread_ts === root.ts && message.ts !== root.ts && !message._ephemeralTo,
  )
/** Sends a form in and confirms it. On a busy machine an answer comes later, in the same modal. */
async function sendIn(person: SlackPerson): Promise<void> {
  const loading = (view: SlackView): boolean => /Recording…|Loading…/.test(JSON.stringify(view.blocks))
  for (;;) {
    const answer = await person.submit()
    if (answer.closed) return
    const view = await person.waitForModal((one) => !loading(one), LONG)
    if (!view.submit) return
  }
}
const told = (messages: readonly SlackMessage[]): string => messages.map(textOf).join('\n')
/** What the first deployment of the example prints. */
const PRINTED = 'No space left on device'

describe.skipIf(!haveEmulators).each(['http', 'socket'] as const)('the thread beneath a card, over %s', (mode) => {
  test('a room reads who did what and no line of a log; the log goes to whoever asks for it and may see it', async () => {
    world = await slackWorld(mode)
    const { emu, alice, bob, mallory, room } = world
    const home = (): string => JSON.stringify(bob.home()?.blocks)
    await bob.openHome()
    await vi.waitFor(() => expect(home()).toContain('Nothing waits for you'), { timeout: LONG })
    await alice.slash('/baton', 'rel', { channel: room })
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await alice.fill('version', 'v2.15.0')
    await sendIn(alice)
    const card = await emu.waitForMessage(room, (message) => headerOf(message).includes('Release v2.15.0'), LONG)
    const ask = await emu.waitForMessage(bob.id, (message) => hasButton(message, 'approve'), LONG)
    await vi.waitFor(() => expect(home()).toContain('✋'), { timeout: LONG }) // he looks at it, so it moves
    await bob.click(ask, 'approve')
    const alert = await emu.waitForMessage(alice.id, (message) => hasButton(message, 'edit_retry'), LONG)

    await vi.waitFor(() => expect(told(beneath(world!, room, card))).toContain('Deploy on web-2 failed'), {
      timeout: LONG,
    })
    const page = beneath(world, room, card)[0]!
    expect(told([page])).toMatch(/Alice Adams.*Launched.*Bob Builder.*Approved: Approve/s)
    expect(buttonsOf(page)).toEqual(['log'])

    await bob.click(page, 'log')
    const shown = await emu.waitForMessage(
      room,
      (message) => message._ephemeralTo === bob.id && textOf(message).includes(PRINTED),
      LONG,
    )
    expect(shown.thread_ts).toBe(card.ts)
    await mallory.click(page, 'log')
    await emu.waitForMessage(room, (message) => message._ephemeralTo === mallory.id, LONG)

    await alice.click(alert, 'edit_retry')
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await alice.fill('disk', '=/data')
    await sendIn(alice)
    await emu.waitForMessage(room, (message) => message.ts === card.ts && headerOf(message).includes('✅'), LONG)
    await vi.waitFor(() => expect(told(beneath(world!, room, card))).toMatch(/Changed: Disk.*Succeeded/s), {
      timeout: LONG,
    })
    const history = beneath(world, room, card)
    expect(history).toHaveLength(1) // one message, edited
    expect(told(history)).not.toMatch(/\/srv → |exit 3|No space/) // the new value is not on the card either
    for (const message of emu.messages.get(room) ?? [])
      if (message._ephemeralTo !== bob.id) expect(textOf(message)).not.toContain(PRINTED)
    expect(emu.log.failures).toEqual([])
    expect(emu.log.warnings).toEqual([])
  })

  test('in private the thread holds the last lines of each step too', async () => {
    world = await slackWorld(mode)
    const { emu, alice } = world
    await alice.slash('/baton', 'clear-cache')
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await sendIn(alice)
    const card = await emu.waitForMessage(alice.id, (message) => headerOf(message).includes('Clear'), LONG)
    const channel = alice.dm()
    await vi.waitFor(() => expect(told(beneath(world!, channel, card))).toMatch(/Clear done.*Succeeded/s), {
      timeout: LONG,
    })
    const [page, ...others] = beneath(world, channel, card)
    expect(others).toEqual([])
    expect(JSON.stringify(page?.blocks)).toMatch(/rich_text_preformatted.*clear pages.*pages is empty/s)
    expect(buttonsOf(page!)).toEqual([])
    expect(emu.log.failures).toEqual([])
  })
})
