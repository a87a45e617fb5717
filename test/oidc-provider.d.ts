/** As much of it as a test of ours uses: it comes without types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'
  type Account = { accountId: string; claims: () => Record<string, unknown> }
  export default class Provider {
    constructor(
      issuer: string,
      configuration: {
        readonly findAccount: (context: unknown, id: string) => Account
        readonly interactions: { readonly url: (context: unknown, interaction: { uid: string }) => string }
        readonly [setting: string]: unknown
      },
    )
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ prompt: { name: string }; params: Record<string, unknown> }>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
    readonly Grant: new (of: { accountId: string; clientId: string }) => {
      addOIDCScope(scope: string): void
      save(): Promise<string>
    }
  }
}
