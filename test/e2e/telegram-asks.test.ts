/** What is done about questions in Telegram beside answering them: reminded, handed to a role, taken over, approved several at once, muted; who is called in a group. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { haveEmulators } from '../emulators.ts'
import { askDocuments, begin, taskWithAsks } from './stories/asks.ts'
import { setTheStage, type Stage } from './telegram-baton.ts'
import {
  about,
  hasButton,
  inChat,
  patient,
  press,
  says,
  seenIn,
  type TgMessage,
  type TgPerson,
} from './telegram-support.ts'

describe.skipIf(!haveEmulators)('questions in Telegram', () => {
  let stage: Stage
  let mei: TgPerson
  let rosa: TgPerson
  let tom: TgPerson
  let group: number
  beforeAll(async () => {
    stage = await setTheStage('polling', { rateLimits: false })
    mei = await stage.person('Mei', 'starter', [], 'zh')
    rosa = await stage.person('Rosa', 'operator', ['ops'])
    tom = await stage.person('Tom', 'operator', ['ops'])
    group = stage.emulator.addGroup({ title: 'Ops', members: [rosa, tom], bot: 'member' })
    await stage.apply(askDocuments('Rosa', ['Rosa', `room:telegram:${group}`]))
  })
  afterAll(async () => {
    stage?.emulator.log.assertClean()
    await stage?.stop()
  })
  const seen = (chat: TgPerson | number, is: (message: TgMessage) => boolean) => seenIn(stage.emulator)(chat, is)
  const taskOf = (id: string) => taskWithAsks(stage.owner, id)

  test('whoever started it reminds those who are asked, and reads whom', async () => {
    mei.send('/run ask-them what=one')
    await press(mei, await seen(mei, hasButton('运行')), '运行')
    const hers = await seen(rosa, (message) => says('Ask one')(message) && hasButton('Approve')(message))
    const mine = await seen(mei, (message) => says('Ask one')(message) && hasButton('提醒')(message))
    const answer = await press(mei, mine, '提醒')
    await vi.waitFor(() => {
      const said = [answer.text, ...inChat(stage.emulator, mei).map(({ text }) => text)]
      expect(said.join('\n')).toContain('已提醒：Rosa。')
    }, patient)
    await seen(rosa, (message) => message.reply_to_message?.message_id === hers.message_id)
  })

  test('a place is handed to a role, and what somebody has taken is taken over with a reason', async () => {
    const { id, number } = await begin(stage.owner, 'ask-them', { what: 'two' })
    await press(rosa, await seen(rosa, about(number, 'Transfer…')), 'Transfer…')
    await seen(rosa, says('Transfer', 'To whom'))
    rosa.send('ops')
    await seen(rosa, ({ text }) => /Transfer[\s\S]*ops \(\d[\s\S]*Reason/i.test(text)) // typed and meant by one only, it is chosen
    rosa.send('theirs')
    await press(rosa, await seen(rosa, hasButton('Transfer')), 'Transfer')
    await press(tom, await seen(tom, about(number, 'Approve')), 'Approve')
    await vi.waitFor(async () => expect((await taskOf(id))?.phase).toBe('SUCCEEDED'), patient)

    const form = await begin(stage.owner, 'fill-in')
    await press(rosa, await seen(rosa, about(form.number, 'Take it')), 'Take it')
    await press(tom, await seen(tom, about(form.number, 'Take from Rosa…')), 'Take from Rosa…')
    await seen(tom, says('Take it over', 'Rosa has it'))
    tom.send('Rosa is at lunch')
    await vi.waitFor(async () => expect((await taskOf(form.id))?.asks[0]?.claimedBy?.name).toBe('Tom'), patient)
    await seen(tom, about(form.number, 'Fill in…'))
  })

  test('several approvals are shown with their facts, asked about once more, and approved each by itself', async () => {
    const tasks = [
      await begin(stage.owner, 'ask-them', { what: 'three' }),
      await begin(stage.owner, 'ask-them', { what: 'four' }),
    ]
    for (const { number } of tasks) await seen(rosa, about(number, 'Approve'))
    const menu = await vi.waitFor(async () => {
      rosa.send('/inbox')
      return stage.emulator.waitForMessage(rosa, hasButton('Approve several of Ask them…'), 2000)
    }, patient)
    await press(rosa, menu, 'Approve several of Ask them…')
    const all = await seen(rosa, (message) => says('What: three', 'What: four')(message))
    const label = all.reply_markup!.inline_keyboard[0]![0]!.text
    expect(label).toMatch(/^Approve all \d$/)
    await press(rosa, all, label)
    const sure = await seen(rosa, says('Each is recorded by itself'))
    expect((await taskOf(tasks[0]!.id))?.phase).toBe('WAITING')
    await press(rosa, sure, label)
    for (const { id } of tasks)
      await vi.waitFor(async () => expect((await taskOf(id))?.phase).toBe('SUCCEEDED'), patient)
    expect((await taskOf(tasks[1]!.id))?.asks[0]?.decisions).toMatchObject([
      { by: { name: 'Rosa', surface: 'telegram' } },
    ])
  })

  test('in the group whoever is asked is called by their account; the alert is muted from its card', async () => {
    const { number } = await begin(stage.owner, 'break')
    const shared = await seen(group, says('Go failed', 'Asked: Rosa'))
    const call = shared.entities?.find(({ type }) => type === 'text_mention')
    expect(shared.text.slice(call?.offset, (call?.offset ?? 0) + (call?.length ?? 0))).toBe('Rosa')
    expect(call).toMatchObject({ user: { id: rosa.id } })

    const hers = await seen(rosa, about(number, 'Mute…'))
    await press(rosa, hers, 'Mute…')
    const what = await seen(rosa, hasButton('All of Break'))
    await press(rosa, what, 'All of Break')
    await press(rosa, await seen(rosa, hasButton('8 hours')), '8 hours')
    await press(rosa, await seen(rosa, hasButton('Mute')), 'Mute')
    await seen(rosa, says('Break is muted until'))
    const second = await begin(stage.owner, 'break')
    const again = await seen(group, (message) => says('Go failed', `#${second.number}`)(message))
    expect(again.entities?.some(({ type }) => type === 'text_mention')).toBe(false) // a mute holds for being called too
    expect(inChat(stage.emulator, rosa).some(about(second.number, 'Retry'))).toBe(false)
  })
})
