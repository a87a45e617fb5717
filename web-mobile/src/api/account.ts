import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { passkeyLine, sessionLine } from '../../../api/client/parts/account.ts'

/** How one may sign in here; answered to anybody. */
export const waysQuery = graphql(`
  query SignInWays {
    signInWays {
      passkeys
      company
      links
    }
  }
`)
export const accountQuery = graphql(
  `
    query Account {
      viewer {
        server {
          mail
        }
      }
      signInWays {
        passkeys
        company
      }
      passkeys {
        ...PasskeyLine
      }
      sessions {
        ...SessionLine
      }
      merges {
        id
        state
        mine
        keep {
          id
          name
        }
        gone {
          id
          name
          identities {
            platform
            name
          }
        }
        conflicts {
          code
          arg
        }
      }
    }
  `,
  [passkeyLine, sessionLine],
)
export const beginPasskey = graphql(`
  mutation BeginPasskey {
    beginPasskey
  }
`)
export const addPasskey = graphql(`
  mutation AddPasskey($name: String!, $response: JSON!) {
    addPasskey(name: $name, response: $response) {
      id
    }
  }
`)
export const removePasskey = graphql(`
  mutation RemovePasskey($id: ID!) {
    removePasskey(id: $id) {
      id
    }
  }
`)
export const beginProof = graphql(`
  mutation BeginProof {
    beginProof
  }
`)
export const prove = graphql(`
  mutation Prove($response: JSON!) {
    prove(response: $response)
  }
`)
export const endSession = graphql(`
  mutation EndSession($id: ID!) {
    endSession(id: $id) {
      id
    }
  }
`)
export const endSessions = graphql(`
  mutation EndSessions($person: ID) {
    endSessions(person: $person)
  }
`)
export const linkMail = graphql(`
  mutation LinkMail($address: String!) {
    linkMail(address: $address)
  }
`)
export const confirmMail = graphql(`
  mutation ConfirmMail($code: String!) {
    confirmMail(code: $code) {
      id
    }
  }
`)
export const mergeCode = graphql(`
  mutation MergeCode {
    mergeCode {
      code
      expiresAt
    }
  }
`)
export const askMerge = graphql(`
  mutation AskMerge($code: String!) {
    askMerge(code: $code) {
      id
      keep {
        name
      }
    }
  }
`)
export const answerMerge = graphql(`
  mutation AnswerMerge($id: ID!, $agree: Boolean!) {
    answerMerge(id: $id, agree: $agree) {
      id
      state
    }
  }
`)
export const suspendPerson = graphql(`
  mutation SuspendPerson($id: ID!, $reason: String, $tools: WhatOfTools, $toolsTo: ID) {
    suspendPerson(id: $id, reason: $reason, tools: $tools, toolsTo: $toolsTo) {
      id
    }
  }
`)
/** What goes on when somebody goes. */
export const toolsQuery = graphql(`
  query Tools($search: String!) {
    people(first: 200, search: $search) {
      nodes {
        id
        tools {
          accounts {
            id
            name
          }
          tokens {
            id
            name
            of {
              name
            }
          }
        }
      }
    }
  }
`)
export const restorePerson = graphql(`
  mutation RestorePerson($id: ID!) {
    restorePerson(id: $id) {
      id
    }
  }
`)
export const createServiceAccount = graphql(`
  mutation CreateServiceAccount($name: String!, $role: String!) {
    createServiceAccount(name: $name, role: $role) {
      id
    }
  }
`)

export const sessionsQuery = graphql(
  'query SessionsOf($person: ID!) { sessions(person: $person) { ...SessionLine } }',
  [sessionLine],
)
/** All merges there were, for whoever manages people. */
export const mergesQuery = graphql(`
  query AllMerges {
    merges(all: true) {
      id
      state
      endedAt
      endedBy
      keep {
        name
      }
      gone {
        name
      }
    }
  }
`)
export const undoMerge = graphql(`
  mutation UndoMerge($id: ID!, $reason: String!) {
    undoMerge(id: $id, reason: $reason) {
      id
    }
  }
`)

export type DoneMerge = ResultOf<typeof mergesQuery>['merges'][number]
export type Account = ResultOf<typeof accountQuery>
export type SessionRow = Account['sessions'][number]
export type PasskeyRow = Account['passkeys'][number]
export type MergeRow = Account['merges'][number]
