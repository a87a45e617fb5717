import { passkeySite } from '../../auth/passkey.ts'
import type { ServerConfig } from '../../context.ts'
import { platformsOf } from '../../delivery/reach.ts'
import { builder } from '../../graphql/builder.ts'

const SignInWays = builder.objectRef<ServerConfig>('SignInWays').implement({
  description: 'How one may sign in here, beside a token and links from a chat.',
  fields: (t) => ({
    passkeys: t.boolean({ resolve: ({ url }) => passkeySite(url) !== null }),
    company: t.string({
      nullable: true,
      description: 'Name on the button of the company’s sign-in; null: there is none.',
      resolve: ({ company }) => company?.name ?? null,
    }),
    links: t.boolean({
      description: 'A link can be asked for: there is a chat or a mail server to send it by.',
      resolve: (config) => platformsOf(config).size > 0,
    }),
  }),
})
builder.queryField('signInWays', (t) =>
  t.field({ type: SignInWays, description: 'Open to everybody.', resolve: (_, __, { config }) => config }),
)
