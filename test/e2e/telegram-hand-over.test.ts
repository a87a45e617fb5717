/** Work handed over in Telegram: asked by one, claimed, given back and put right by others, each seeing every step. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { haveEmulators } from '../emulators.ts'
import { HAND_OVER, requestBy, taskNumbered } from './stories/hand-over.ts'
import { setTheStage, type Stage } from './telegram-baton.ts'
import {
  about,
  buttonsOf,
  hasButton,
  inChat,
  labelsOf,
  patient,
  press,
  says,
  seenIn,
  type TgMessage,
  type TgPerson,
} from './telegram-support.ts'

describe.skipIf(!haveEmulators)('hand-over in Telegram', () => {
  let stage: Stage
  let mei: TgPerson
  let rosa: TgPerson
  let tom: TgPerson
  beforeAll(async () => {
    stage = await setTheStage('polling', { rateLimits: false })
    mei = await stage.person('Mei', 'starter', [], 'zh')
    rosa = await stage.person('Rosa', 'starter', ['ops'])
    tom = await stage.person('Tom', 'starter', ['ops'])
    await stage.apply(HAND_OVER)
  })
  afterAll(async () => {
    stage?.emulator.log.assertClean()
    await stage?.stop()
  })
  const seen = (person: TgPerson, is: (message: TgMessage) => boolean) => seenIn(stage.emulator)(person, is)
  const now = (person: TgPerson, { message_id: id }: TgMessage): TgMessage =>
    inChat(stage.emulator, person).find((message) => message.message_id === id)!
  const taskOf = (number: number) => taskNumbered(stage.owner, number)
  const becomes = (person: TgPerson, message: TgMessage, word: string): Promise<void> =>
    vi.waitFor(() => {
      expect(labelsOf(now(person, message))).toEqual([])
      expect(now(person, message).text).toContain(word)
    }, patient)
  const request = (what: string): Promise<number> =>
    requestBy(stage.owner, async () => {
      mei.send(`/run please-tell what=${what}`)
      const form = await seen(mei, (message) => hasButton('运行')(message) && message.text.includes(what))
      expect(form.text).not.toContain('Limit：3') // what the app fixes is nobody's to change
      await press(mei, form, '运行')
    })

  test('of two who claim at once one wins, every copy says who, and whoever asked sees it', async () => {
    const number = await request('one')
    const [hers, his] = await Promise.all([seen(rosa, about(number, 'Claim')), seen(tom, about(number, 'Claim'))])
    expect((await taskOf(number))?.phase).toBe('REQUESTED')
    expect(hers.text).toContain('Mei')
    await seen(mei, about(number, '撤回…'))
    await Promise.all([press(rosa, hers, 'Claim'), press(tom, his, 'Claim')])
    await vi.waitFor(async () => expect((await taskOf(number))?.phase).toBe('SUCCEEDED'), patient)
    const winner = (await taskOf(number))?.handOver?.holder?.name ?? 'nobody'
    expect(['Rosa', 'Tom']).toContain(winner)
    await becomes(rosa, hers, `Claimed by ${winner}`)
    await becomes(tom, his, `Claimed by ${winner}`)
    await seen(mei, says('Please tell', winner, '认领'))
  })

  test('given back with a reason, changed by whoever asked, claimed with a correction that is told, run to its end', async () => {
    const number = await request('two')
    const hers = await seen(rosa, about(number, 'Reject…'))
    await press(rosa, hers, 'Reject…')
    await seen(rosa, says('Reject', 'Reason'))
    rosa.send('two of what?')
    await becomes(rosa, hers, 'Rejected')

    const back = await seen(
      mei,
      (message) => about(number, '修改后重新提交…')(message) && message.text.includes('two of what?'),
    )
    await press(mei, back, '修改后重新提交…')
    const form = await seen(mei, says('修改后重新提交', 'What'))
    expect(form.text).not.toContain('Limit')
    mei.send('apples')
    await press(mei, await seen(mei, hasButton('不写原因')), '不写原因')
    await press(
      mei,
      await seen(mei, (message) => hasButton('修改后重新提交')(message) && message.text.includes('apples')),
      '修改后重新提交',
    )

    const again = await seen(
      tom,
      (message) => about(number, 'Correct and claim…')(message) && message.text.includes('apples'),
    )
    await press(tom, again, 'Correct and claim…')
    await seen(tom, says('Correct and claim', 'What'))
    tom.send('pears')
    await seen(tom, says('Comment'))
    tom.send('there are no apples')
    await press(tom, await seen(tom, hasButton('Correct and claim')), 'Correct and claim')
    await vi.waitFor(async () => expect((await taskOf(number))?.phase).toBe('SUCCEEDED'), patient)
    expect(await taskOf(number)).toMatchObject({
      variables: { what: 'pears told', limit: 5 },
      handOver: { holder: { name: 'Tom' } },
    })
    await becomes(tom, again, 'Claimed by Tom')
    const told = await seen(mei, says('Tom', 'What', 'there are no apples'))
    expect(told.text).toMatch(/更正|改/)
    await seen(mei, says(`#${number}`, '成功'))
  })

  test('withdrawn: nobody can claim it any more', async () => {
    const number = await request('three')
    const his = await seen(tom, about(number, 'Claim'))
    const claim = buttonsOf(his)[0]?.callback_data ?? ''
    const hers = await seen(mei, about(number, '撤回…'))
    await press(mei, hers, '撤回…')
    await press(mei, await seen(mei, hasButton('不写原因')), '不写原因')
    await becomes(tom, his, 'Withdrawn')
    expect((await taskOf(number))?.phase).toBe('REVOKED')
    // A copy of the button as it was.
    const late = await tom.forgePress(now(tom, his), claim).waitAnswer()
    expect(late.text).toMatch(/Withdrawn by Mei/)
    expect((await taskOf(number))?.phase).toBe('REVOKED')
  })
})
