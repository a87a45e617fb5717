/** The typed way to the server for bots, phone and terminal. A leaf: imports nothing of ours. */
export { createClient, type Client, type ClientOptions } from './client.ts'
export { whole, wholeRoles } from './whole.ts'
export { ClientError, type FieldError, type Truth } from './error.ts'
export { graphql, type FragmentOf, type ResultOf, type VariablesOf } from './graphql.ts'
