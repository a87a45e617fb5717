/** A real identity provider on loopback (OpenID Connect). Whoever it is told to be signs in there without being asked. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface IdentityProvider {
  readonly issuer: string
  /** Who signs in there next; null: they say no. */
  account: string | null
  stop(): void
}
export const CLIENT = { clientId: 'baton', clientSecret: 'a-secret-of-this-test' } as const

export async function startIdentityProvider(
  redirectUri: string,
  names: Readonly<Record<string, string>>,
): Promise<IdentityProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port: see above
  const place: IdentityProvider = {
    issuer,
    account: Object.keys(names)[0] ?? null,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: names[id], email: `${id}@acme.example`, email_verified: true }),
    }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['only-for-this-test'] },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
  })
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void oidc.callback()(request, response)
    void (async () => {
      const { prompt, params } = await oidc.interactionDetails(request, response)
      const { account } = place
      if (account === null) return oidc.interactionFinished(request, response, { error: 'access_denied' })
      if (prompt.name === 'login') return oidc.interactionFinished(request, response, { login: { accountId: account } })
      const grant = new oidc.Grant({ accountId: account, clientId: String(params['client_id']) })
      grant.addOIDCScope('openid profile email')
      return oidc.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
    })()
  })
  return place
}
