import { catalogue, EngineError } from '../../../engine/index.ts'
import { somebody } from '../../auth/allow.ts'
import { codeUnknown } from '../../auth/redeem.ts'
import { sure } from '../../auth/proof.ts'
import { MAIL_WORDS } from '../../auth/words.ts'
import { isAddress, platformsOf } from '../../delivery/reach.ts'
import { mailPlace, nowhere } from '../../delivery/place.ts'
import { retryPlace } from '../../delivery/retry.ts'
import { badInput } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { Person } from './person.ts'

const MOST_WAITING = 5

builder.mutationFields((t) => ({
  linkMail: t.boolean({
    description: 'Sends a link to this address; opened where the viewer is signed in, the address is theirs.',
    args: { address: t.arg.string({ required: true }) },
    resolve: (_, { address }, context) =>
      act(context, 'linkMail', null, async () => {
        const person = somebody(context)
        if (context.who.kind !== 'session') throw new EngineError('FORBIDDEN', { reason: 'SESSION_NEEDED' })
        sure(context)
        if (!platformsOf(context.config).has('email')) throw new EngineError('NOT_ALLOWED', { reason: 'MAIL_NONE' })
        const wanted = address.trim().toLowerCase()
        if (!isAddress(wanted)) throw badInput('address', 'MALFORMED', 'expected an address like mei@example.com')
        await context.db.write((tx) => {
          const now = context.now()
          if (catalogue.waitingCodes(tx, person.id, 'mail', now) >= MOST_WAITING)
            throw new EngineError('RATE_LIMITED', {
              message: 'Several mails are under way already. Look there, or wait a quarter of an hour.',
              retryAfterS: 900,
            })
          const of = { person: person.id, answers: { address: wanted }, createdBy: person.name }
          const { code, row } = catalogue.makeCode(tx, 'mail', of, now)
          const words = MAIL_WORDS[context.who.language]
          const place = mailPlace(wanted)
          const about = { kind: 'message', subject: `mail:${row.id}`, taskId: '', askId: null, nodeId: null }
          const card = { ...about, platform: 'email', place, shared: false, person: person.id }
          const text = words.text(person.name, `${context.config.url}/me/account#mail=${code}`)
          const owed = { why: 'message', urgent: true, title: words.title, text, level: 'info' }
          const made = catalogue.cardAt(tx, card, now).card
          // Closed: what cannot be delivered goes by no other way, or it would prove nothing.
          catalogue.changeCard(tx, made.id, { open: false })
          catalogue.owe(tx, made, owed, now)
        })
        context.hub.wake()
        return true
      }),
  }),
  confirmMail: t.field({
    type: Person,
    description: 'The link of that mail, brought by whoever asked for it.',
    args: { code: t.arg.string({ required: true }) },
    resolve: (_, { code }, context) =>
      act(context, 'confirmMail', null, async () => {
        const person = somebody(context)
        const confirm = () =>
          context.db.write((tx) => {
            const now = context.now()
            const row = catalogue.codeOf(tx, code, now)
            const { address } = (row?.answers ?? {}) as { address?: string } // as `linkMail` wrote it
            if (row?.kind !== 'mail' || row.person !== person.id || address === undefined) throw codeUnknown()
            const account = { platform: 'email' as const, team: '', user: address }
            const known = catalogue.identityOf(tx, account)
            if (known && known.person !== person.id) throw new EngineError('CONFLICT', { reason: 'ALREADY_LINKED' })
            catalogue.linkIdentity(tx, person.id, account, address, now)
            retryPlace(tx, nowhere(person.id), context.config, now)
            catalogue.spendCode(tx, row.id, person.id, now)
            return catalogue.personById(tx, person.id)!
          })
        const linked = await context.codes.run(context.caller, confirm)
        context.directory.refresh({ people: [linked.id] })
        context.hub.wake()
        return linked
      }),
  }),
}))
