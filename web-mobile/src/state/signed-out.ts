import { ClientError, type Client } from '../../../api/client/index.ts'

/** A client that says so when the server no longer knows who this is: signed out elsewhere, suspended, too late. */
export function tellingClient(client: Client, signedOut: (refusal: ClientError) => void): Client {
  const heard = (error: unknown): void => {
    if (error instanceof ClientError && error.code === 'UNAUTHENTICATED') signedOut(error)
  }
  return {
    ...client,
    query: async (document, ...variables) => {
      try {
        return await client.query(document, ...variables)
      } catch (error) {
        heard(error)
        throw error
      }
    },
    async *subscribe(document, variables, signal) {
      try {
        yield* client.subscribe(document, variables, signal)
      } catch (error) {
        heard(error)
        throw error
      }
    },
  }
}
