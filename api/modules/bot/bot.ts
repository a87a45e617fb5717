import { randomBytes } from 'node:crypto'
import { catalogue, EngineError, type Actor, type Tx } from '../../../engine/index.ts'
import { somebody, theService } from '../../auth/allow.ts'
import { redeem, standingOf, type Standing } from '../../auth/redeem.ts'
import { isForAnyBrowser, tellLinked } from '../../auth/used.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { CardKind, Platform } from '../../graphql/enums.ts'
import { textsOf } from '../../texts.ts'
import { Card } from '../delivery/delivery.ts'
import { directPlace, isShared, nowhere } from '../../delivery/place.ts'
import { retryPlace } from '../../delivery/retry.ts'
import { Person } from '../person/person.ts'
import { taskOf } from '../task/load.ts'
import { standOf, type ButtonShape } from './button.ts'

const Identity = builder.objectRef<Standing>('Identity').implement({
  fields: (t) => ({
    person: t.field({ type: Person, nullable: true, resolve: ({ person }) => person }),
    mayJoin: t.string({
      nullable: true,
      description: 'May join with one button, as this role.',
      resolve: ({ mayJoin }) => mayJoin,
    }),
    suspended: t.boolean({
      description: 'The account of somebody who is suspended.',
      resolve: ({ suspended }) => suspended ?? false,
    }),
    askWhom: t.stringList({ description: 'Who can invite, when not.', resolve: ({ askWhom }) => [...askWhom] }),
    joins: t.string({
      nullable: true,
      description: 'Whom the code would make of the account. Nothing has been done yet: `confirm` does it.',
      resolve: ({ joins }) => joins ?? null,
    }),
    leftOut: t.stringList({
      description: 'By title: roles and groups that the invitation named and could not give any more.',
      resolve: ({ leftOut }) => [...(leftOut ?? [])],
    }),
  }),
})
const BotState = builder.objectRef<catalogue.BotStateRow>('BotState').implement({
  fields: (t) => ({
    key: t.exposeString('key'),
    version: t.exposeInt('version'),
    value: t.field({ type: 'JSON', nullable: true, resolve: ({ value }) => value }),
  }),
})
const Button = builder.objectRef<ButtonShape>('Button').implement({
  fields: (t) => ({
    verb: t.exposeString('verb'),
    taskId: t.exposeID('taskId', { nullable: true }),
    nodeId: t.exposeString('nodeId', { nullable: true }),
    attempt: t.exposeInt('attempt', { nullable: true }),
    askId: t.exposeID('askId', { nullable: true }),
    digest: t.exposeString('digest', { nullable: true }),
    app: t.exposeString('app', { nullable: true }),
    data: t.field({ type: 'JSON', nullable: true, resolve: ({ data }) => data }),
    cardId: t.exposeID('cardId', { nullable: true }),
    stale: t.boolean({
      description: 'What it was for has been decided or has moved on; `truth` tells it to the presser.',
      resolve: ({ stale }) => stale,
    }),
    truth: t.exposeString('truth', { nullable: true }),
    allowed: t.boolean({
      description: 'The acting person may press it; else `why`.',
      resolve: ({ allowed }) => allowed,
    }),
    why: t.exposeString('why', { nullable: true }),
  }),
})

interface Named {
  readonly platform: 'slack' | 'telegram'
  readonly team?: string | null | undefined
  readonly user: string
}
/** On Telegram `team` names the group through which somebody comes; the account itself has none. */
const accountOf = ({ platform, team, user }: Named): catalogue.Account => ({
  platform,
  team: platform === 'telegram' ? '' : (team ?? ''),
  user,
})

builder.queryFields((t) => ({
  resolveButton: t.field({
    type: Button,
    description:
      'Bot service only: which verb, target and attempt or digest a pressed button stands for, for the acting person, and what is true now.',
    args: { token: t.arg.string({ required: true }) },
    resolve: (_, { token }, context) => {
      theService(context)
      somebody(context)
      const button = context.db.read((tx) => catalogue.buttonOf(tx, token))
      if (!button) throw notFound('button', token.slice(0, 8))
      return standOf(context, button)
    },
  }),
  botState: t.field({
    type: BotState,
    nullable: true,
    description: 'Bot service only.',
    args: { key: t.arg.string({ required: true }) },
    resolve: (_, { key }, context) => {
      theService(context)
      return context.db.read((tx) => catalogue.botStateOf(tx, key, context.now())) ?? null
    },
  }),
  identity: t.field({
    type: Identity,
    description: 'Bot service only: where a chat account stands: linked person, or how it may join.',
    args: {
      platform: t.arg({ type: Platform, required: true }),
      team: t.arg.string(),
      user: t.arg.id({ required: true }),
    },
    resolve: (_, named, context) => {
      theService(context)
      return context.db.read((tx) => standingOf(tx, accountOf(named), named.team ?? ''))
    },
  }),
}))

const ButtonInput = builder.inputType('ButtonInput', {
  fields: (t) => ({
    verb: t.string({
      required: true,
      description:
        '`approve reject submit confirm transfer retry edit_retry byhand skip pause resume revoke open run_again join launch` …',
    }),
    taskId: t.id(),
    nodeId: t.string(),
    attempt: t.int(),
    askId: t.id(),
    digest: t.string(),
    app: t.string(),
    data: t.field({ type: 'JSON', description: "Anything else the bot must remember of it, e.g. a field's option." }),
  }),
})
const MAX_TTL_S = 30 * 24 * 3600
const MAX_STATE = 256 * 1024

/** Whoever comes in by a chat is known only then: the audit has them, not “somebody”. */
const cameIn =
  (platform: 'slack' | 'telegram') =>
  ({ person }: Pick<Standing, 'person'>): Actor | null =>
    person && { person: person.id, name: person.name, surface: platform }

builder.mutationFields((t) => {
  const account = {
    platform: t.arg({ type: Platform, required: true }),
    team: t.arg.string(),
    user: t.arg.id({ required: true }),
    name: t.arg.string({ required: true }),
  }
  return {
    joinAs: t.field({
      type: Identity,
      description: 'Bot service only: the account becomes a person (of a trusted workspace) or is told who to ask.',
      args: { ...account, fullMember: t.arg.boolean({ required: true }) },
      resolve: (_, { name, fullMember, ...named }, context) =>
        act(
          context,
          'joinAs',
          `${named.platform}:${named.team ?? ''}:${named.user}`,
          async () => {
            theService(context)
            const standing = await context.db.write((tx): Standing => {
              const before = standingOf(tx, accountOf(named), named.team ?? '')
              if (before.person || before.mayJoin === null || !fullMember) return { ...before, mayJoin: null }
              const person = catalogue.addPerson(tx, { name, role: before.mayJoin }, context.now())
              catalogue.linkIdentity(tx, person.id, accountOf(named), name, context.now())
              return { person, mayJoin: null, askWhom: [] }
            })
            if (standing.person) context.directory.refresh({ people: [standing.person.id] })
            return standing
          },
          undefined,
          undefined,
          cameIn(named.platform),
        ),
    }),
    redeemCode: t.field({
      type: Identity,
      description:
        'Bot service only: redeems an invitation, a link code or the owner code for an account. One that joins the account to somebody says first to whom (`joins`).',
      args: {
        ...account,
        code: t.arg.string({ required: true }),
        confirm: t.arg.boolean({ description: 'Whoever acts has read whom the account becomes.' }),
      },
      resolve: (_, { name, code, confirm, ...named }, context) =>
        act(
          context,
          'redeemCode',
          `${named.platform}:${named.team ?? ''}:${named.user}`,
          async () => {
            theService(context)
            const chat = accountOf(named)
            const caller = `${named.platform}:${named.team ?? ''}:${named.user}`
            const spend = (tx: Tx) => {
              const known = catalogue.identityOf(tx, chat)
              const row = catalogue.codeOf(tx, code, context.now())
              const whose =
                row?.person != null && isForAnyBrowser(row) ? catalogue.personById(tx, row.person) : undefined
              if (whose?.active && !known && confirm !== true) return { kind: 'asks' as const, joins: whose.name }
              const result = redeem(tx, code, { name, ownerName: name, browser: null }, context.now())
              if (result.kind === 'needs_name') throw badInput('name', 'REQUIRED', 'A name is needed')
              // A second account joins a person by code; one that is somebody already stays who it is.
              if (known && known.person !== result.person.id)
                throw new EngineError('CONFLICT', { message: textsOf(context.who.language).alreadyLinked })
              catalogue.linkIdentity(tx, result.person.id, chat, name, context.now())
              // What nothing could bring them so far comes here now, as far as it still matters.
              if (!known) retryPlace(tx, nowhere(result.person.id), context.config, context.now())
              if (row && isForAnyBrowser(row) && !known)
                tellLinked(tx, context, result.person, { ...chat, platform: named.platform, name }, directPlace(chat))
              return result
            }
            const redeemed = await context.codes.run(caller, () => context.db.write(spend))
            if (redeemed.kind === 'asks') return { person: null, mayJoin: null, askWhom: [], joins: redeemed.joins }
            context.directory.refresh({ people: [redeemed.person.id], members: redeemed.members })
            if (redeemed.members.length > 0) context.access.changed([redeemed.person.id])
            context.hub.wake()
            if (redeemed.isNew && redeemed.person.role === 'owner') await context.firstOwner?.(redeemed.person)
            return { person: redeemed.person, mayJoin: null, askWhom: [], leftOut: redeemed.leftOut }
          },
          ({ leftOut }) => (leftOut?.length ? { leftOut } : {}),
          undefined,
          cameIn(named.platform),
        ),
    }),
  }
})

builder.mutationFields((t) => ({
  signInLink: t.string({
    description:
      'Bot service only: a one-time sign-in link to the phone page for the acting person, optionally to a path with answers already filled in.',
    args: { path: t.arg.string(), answers: t.arg({ type: 'JSON' }) },
    resolve: async (_, { path, answers }, context) => {
      theService(context)
      const person = somebody(context)
      // Only a path of ours: an address would make the link a redirect to anywhere.
      if (path != null && !/^\/(?![/\\])[^\s]*$/.test(path))
        throw badInput('path', 'MALFORMED', 'A path begins with one /')
      const of = { person: person.id, path: path ?? null, answers, createdBy: person.name }
      const { code } = await context.db.write((tx) => catalogue.makeCode(tx, 'sign_in', of, context.now()))
      return `${context.config.url}/sign-in#code=${code}`
    },
  }),
  makeButtons: t.stringList({
    description:
      'Bot service only: makes button tokens (≤ 32 bytes) for a card; those it had before go on telling the truth and act no more once superseded.',
    args: { cardId: t.arg.id({ required: true }), buttons: t.arg({ type: [ButtonInput], required: true }) },
    resolve: async (_, { cardId, buttons }, context) => {
      theService(context)
      return context.db.write((tx) => {
        if (!catalogue.cardById(tx, cardId)) throw notFound('card', cardId)
        const rows = buttons.map((button) => ({
          token: randomBytes(16).toString('base64url'),
          cardId,
          verb: button.verb,
          taskId: button.taskId ?? null,
          nodeId: button.nodeId ?? null,
          attempt: button.attempt ?? null,
          askId: button.askId ?? null,
          digest: button.digest ?? null,
          app: button.app ?? null,
          data: button.data ?? null,
        }))
        return catalogue.makeButtons(tx, cardId, rows, context.now())
      })
    },
  }),
  setBotState: t.field({
    type: BotState,
    description: 'Bot service only: compare and set. `expected` null: must not exist. Expires.',
    args: {
      key: t.arg.string({ required: true }),
      expected: t.arg.int(),
      value: t.arg({ type: 'JSON' }),
      ttlS: t.arg.int({ required: true }),
    },
    resolve: (_, { key, expected, value, ttlS }, context) => {
      theService(context)
      if (key.length > 200) throw badInput('key', 'TOO_LONG', 'Use up to 200 characters')
      if (ttlS < 0 || ttlS > MAX_TTL_S) throw badInput('ttlS', 'OUT_OF_RANGE', `Use 0 to ${MAX_TTL_S}`)
      if (JSON.stringify(value ?? null).length > MAX_STATE)
        throw new EngineError('TOO_LARGE', { message: 'A state holds up to 256 KiB' })
      return context.db.write((tx) => catalogue.setBotState(tx, key, expected ?? null, value, ttlS, context.now()))
    },
  }),
  openCard: t.field({
    type: Card,
    description: 'Bot service only: a card shown because a person asked for it in chat (not routed by the server).',
    args: {
      kind: t.arg({ type: CardKind, required: true }),
      taskId: t.arg.id({ required: true }),
      askId: t.arg.id(),
      nodeId: t.arg.string(),
      platform: t.arg({ type: Platform, required: true }),
      place: t.arg.string({ required: true }),
      messageId: t.arg.string({ required: true }),
    },
    resolve: async (_, { kind, taskId, askId, nodeId, platform, place, messageId }, context) => {
      theService(context)
      const { state } = await taskOf(context, taskId)
      const shared = isShared(place)
      const card: catalogue.NewCard = {
        kind,
        // Its own message beside whatever was routed there: both are kept up to date.
        subject: `${subjectOf(kind, { askId, nodeId })}#${messageId}`,
        taskId: state.id,
        askId: askId ?? null,
        nodeId: nodeId ?? null,
        platform,
        place,
        messageId,
        shared,
        person: shared ? null : (context.who.person?.id ?? null),
      }
      return context.db.write((tx) => catalogue.cardAt(tx, card, context.now()).card)
    },
  }),
}))
const subjectOf = (
  kind: string,
  { askId, nodeId }: { askId?: string | null | undefined; nodeId?: string | null | undefined },
): string => (kind === 'ask' ? `ask:${askId}` : kind === 'attention' ? `attention:${nodeId}` : kind)
