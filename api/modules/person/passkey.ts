import { catalogue, EngineError } from '../../../engine/index.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import { beginAssertion, beginRegistration, endAssertion, endRegistration, PROOF_MS } from '../../auth/passkey.ts'
import { sure } from '../../auth/proof.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'

const Passkey = builder.objectRef<catalogue.Passkey>('Passkey').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    lastUsedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ lastUsedAt }) => lastUsedAt }),
  }),
})

/** Passkeys are of a person in a browser: a token or a chat has none. @throws FORBIDDEN */
function atBrowser(context: Context): { person: catalogue.Person; session: string } {
  const person = somebody(context)
  const { session } = context.who
  if (session === null) throw new EngineError('FORBIDDEN', { reason: 'SESSION_NEEDED' })
  return { person, session }
}

builder.queryField('passkeys', (t) =>
  t.field({
    type: [Passkey],
    description: "The viewer's, or somebody else's (`manage-people`).",
    args: { person: t.arg.id() },
    resolve: (_, { person }, context) => {
      const me = somebody(context)
      if (person != null && person !== me.id) mayDo(context, 'manage-people')
      return context.db.read((tx) => catalogue.passkeysOf(tx, person ?? me.id))
    },
  }),
)
builder.mutationFields((t) => ({
  beginPasskey: t.field({
    type: 'JSON',
    description: 'What a browser needs to make a passkey (WebAuthn creation options). Good for 5 minutes, once.',
    resolve: (_, __, context) =>
      act(context, 'beginPasskey', null, () => {
        const { person, session } = atBrowser(context)
        sure(context)
        return beginRegistration(context, person, session)
      }),
  }),
  addPasskey: t.field({
    type: Passkey,
    description: 'What the browser made of it. Whoever has passkeys already proves with one first.',
    args: { name: t.arg.string({ required: true }), response: t.arg({ type: 'JSON', required: true }) },
    resolve: (_, { name, response }, context) =>
      act(
        context,
        'addPasskey',
        name,
        () => {
          const { person, session } = atBrowser(context)
          if (name.trim() === '') throw badInput('name', 'REQUIRED', 'A name is needed')
          sure(context)
          return endRegistration(context, person, session, response, name)
        },
        ({ id }) => ({ passkey: id }),
      ),
  }),
  removePasskey: t.field({
    type: Passkey,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      act(context, 'removePasskey', id, async () => {
        const me = somebody(context)
        const known = context.db.read((tx) => catalogue.passkeyById(tx, id))
        if (!known) throw notFound('passkey', id)
        if (known.person !== me.id) mayDo(context, 'manage-people')
        else atBrowser(context)
        sure(context)
        await context.db.write((tx) => catalogue.removePasskey(tx, id))
        return known
      }),
  }),
  beginProof: t.field({
    type: 'JSON',
    description: 'What a browser needs to show a passkey of the viewer (WebAuthn request options). 5 minutes, once.',
    resolve: (_, __, context) =>
      act(context, 'beginProof', null, () => {
        const { person, session } = atBrowser(context)
        return beginAssertion(context, 'passkey_proof', session, person)
      }),
  }),
  prove: t.field({
    type: 'DateTime',
    description: 'It is them: what asks for a passkey is open to this session until then.',
    args: { response: t.arg({ type: 'JSON', required: true }) },
    resolve: (_, { response }, context) =>
      act(context, 'prove', null, async () => {
        const { person, session } = atBrowser(context)
        await endAssertion(context, 'passkey_proof', session, response, person)
        const at = context.now()
        await context.db.write((tx) => catalogue.proveSession(tx, session, at))
        return at + PROOF_MS
      }),
  }),
}))
