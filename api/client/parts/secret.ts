import { graphql } from '../graphql.ts'

/** Of a secret everything but the secret. */
export const secretLine = graphql(`
  fragment SecretLine on SecretName {
    namespace
    key
    project
    setAt
    setBy
    declared
    flows
    usedBy
    lastUse {
      at
      task
      flow
      host
    }
  }
`)
