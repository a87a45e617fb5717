import { graphql, type Client } from '../../api/client/index.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { startSlackEmulator, type SlackEmulator, type SlackMessage, type SlackPerson } from '../emulators.ts'

export interface World {
  readonly emu: SlackEmulator
  readonly baton: BatonProcess
  /** The owner's own connection. */
  readonly owner: Client
  /** Starts it, may retry and edit. */
  readonly alice: SlackPerson
  /** QA and Ops: approves, operates. */
  readonly bob: SlackPerson
  /** Ops too. */
  readonly carol: SlackPerson
  /** In the room, not in Baton. */
  readonly mallory: SlackPerson
  readonly room: string
  stop(): Promise<void>
}
const apply = graphql(`
  mutation WorldApply($documents: String!) {
    apply(documents: $documents, force: true) {
      documents {
        name
        result
        findings {
          message
        }
      }
    }
  }
`)
const trust = graphql(`
  mutation WorldTrust($id: ID!) {
    trust(platform: SLACK, id: $id, role: "starter") {
      trusted
    }
  }
`)
const publish = graphql(`
  mutation WorldPublish($name: String!) {
    publishFlow(name: $name) {
      version
    }
  }
`)
const people = graphql(`
  query WorldPeople {
    people(first: 50) {
      nodes {
        id
        name
      }
    }
  }
`)
const setRole = graphql(`
  mutation WorldRole($person: ID!, $role: String!) {
    setRole(person: $person, role: $role) {
      id
    }
  }
`)

const roles = `
apiVersion: baton/v1
kind: Role
metadata: {name: qa, title: QA}
spec: {members: [Bob Builder]}
---
apiVersion: baton/v1
kind: Role
metadata: {name: ops, title: Ops}
spec: {members: [Bob Builder, Carol Ops]}
---
apiVersion: baton/v1
kind: Role
metadata: {name: duty, title: Duty}
spec: {members: [Carol Ops]}
`

/** A whole Baton with its examples beside a strict Slack: two people have joined by the button, one of them is QA and Ops. */
export async function slackWorld(
  mode: 'http' | 'socket',
  options: {
    documents?: string
    publish?: readonly string[]
    emulator?: Record<string, unknown>
    env?: Readonly<Record<string, string>>
  } = {},
): Promise<World> {
  const emu = await startSlackEmulator({ mode, commands: ['/baton'], ...options.emulator })
  const alice = emu.addUser({ id: 'U0ALICE', name: 'alice', real_name: 'Alice Adams' })
  const bob = emu.addUser({ id: 'U0BOB', name: 'bob', real_name: 'Bob Builder' })
  const carol = emu.addUser({ id: 'U0CAROL', name: 'carol', real_name: 'Carol Ops' })
  const mallory = emu.addUser({ id: 'U0MALLORY', name: 'mallory', real_name: 'Mallory' })
  const room = emu.addChannel({ id: 'C0OPS', name: 'ops', members: [alice, bob, carol, mallory] })
  const slack = mode === 'socket' ? { SLACK_APP_TOKEN: emu.appToken } : { SLACK_SIGNING_SECRET: emu.signingSecret }
  const baton = await startBatonProcess({
    BATON_EXAMPLES: 'on',
    SLACK_BOT_TOKEN: emu.botToken,
    SLACK_API_URL: emu.apiUrl,
    ...slack,
    ...options.env,
  })
  if (mode === 'http') emu.requestUrl = `${baton.url}/slack/events`
  else await emu.delivery.waitForSocket()
  const owner = baton.owner()
  await owner.query(trust, { id: emu.team.id })
  for (const person of [alice, bob, carol]) await joinBaton(emu, person)
  await owner.query(apply, { documents: roles })
  if (options.documents) await owner.query(apply, { documents: options.documents })
  for (const name of options.publish ?? []) await owner.query(publish, { name })
  const known = (await owner.query(people)).people.nodes
  const operator = (name: string) =>
    owner.query(setRole, { person: known.find((one) => one.name === name)?.id ?? '', role: 'operator' })
  await Promise.all([operator('Bob Builder'), operator('Carol Ops')])
  return {
    emu,
    baton,
    owner,
    alice,
    bob,
    carol,
    mallory,
    room,
    async stop() {
      await baton.close()
      await emu.stop()
    },
  }
}
/** A busy machine is no failure. */
const LONG = 60_000
/** A full member's first `/baton`: one button. */
async function joinBaton(emu: SlackEmulator, person: SlackPerson): Promise<void> {
  await person.slash('/baton')
  const offer = await emu.waitForMessage(person.id, (message) => hasButton(message, 'join_baton'), LONG)
  await person.click(offer, 'join_baton')
  await emu.waitForMessage(person.id, (message) => textOf(message).includes('You are in as'), LONG)
}

export const textOf = (message: SlackMessage): string => `${message.text} ${JSON.stringify(message.blocks)}`
export const buttonsOf = (message: SlackMessage): string[] =>
  message.blocks.flatMap((block) =>
    block.type === 'actions' ? (block.elements ?? []).map((element) => element.action_id ?? '') : [],
  )
export const hasButton = (message: SlackMessage, id: string): boolean => buttonsOf(message).includes(id)
/** A card of this task that has the button. */
export const about =
  (number: number, id: string) =>
  (message: SlackMessage): boolean =>
    textOf(message).includes(`#${number}`) && hasButton(message, id)
export const headerOf = (message: SlackMessage): string =>
  message.blocks.find(({ type }) => type === 'header')?.text?.text ?? ''
/** Every message of the bot's about something, in all rooms and direct messages. */
export const everywhere = (emu: SlackEmulator, about: (message: SlackMessage) => boolean): SlackMessage[] =>
  [...emu.messages.entries()].flatMap(([channel, messages]) =>
    messages.map((message) => ({ ...message, channel })).filter(about),
  )
