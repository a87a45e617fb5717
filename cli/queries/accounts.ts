import { graphql } from '../../api/client/index.ts'
import { passkeyLine, sessionLine } from '../../api/client/parts/account.ts'

export const PEOPLE = graphql(`
  query CliPeople($search: String) {
    people(first: 200, search: $search) {
      totalCount
      nodes {
        id
        name
        kind
        role
        active
        mergedInto
        suspended {
          at
          by
          why
        }
        identities {
          platform
          name
        }
      }
    }
  }
`)
export const SUSPEND = graphql(`
  mutation CliSuspend($id: ID!, $reason: String, $tools: WhatOfTools, $toolsTo: ID) {
    suspendPerson(id: $id, reason: $reason, tools: $tools, toolsTo: $toolsTo) {
      id
      name
    }
  }
`)
export const TOOLS = graphql(`
  query CliTools($search: String) {
    people(first: 200, search: $search) {
      nodes {
        id
        name
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
export const HAND_OVER = graphql(`
  mutation CliHandOver($id: ID!, $to: ID!) {
    handOverAccount(id: $id, to: $to) {
      id
      name
      keeper {
        name
      }
    }
  }
`)
export const RESTORE = graphql(`
  mutation CliRestorePerson($id: ID!) {
    restorePerson(id: $id) {
      id
      name
    }
  }
`)
export const SERVICE = graphql(`
  mutation CliServiceAccount($name: String!, $role: String!) {
    createServiceAccount(name: $name, role: $role) {
      id
      name
      role
    }
  }
`)
export const SESSIONS = graphql('query CliSessions($person: ID) { sessions(person: $person) { ...SessionLine } }', [
  sessionLine,
])
export const END_SESSION = graphql(`
  mutation CliEndSession($id: ID!) {
    endSession(id: $id) {
      id
      browser
    }
  }
`)
export const END_SESSIONS = graphql(`
  mutation CliEndSessions($person: ID) {
    endSessions(person: $person)
  }
`)
export const PASSKEYS = graphql('query CliPasskeys($person: ID) { passkeys(person: $person) { ...PasskeyLine } }', [
  passkeyLine,
])
export const REMOVE_PASSKEY = graphql(`
  mutation CliRemovePasskey($id: ID!) {
    removePasskey(id: $id) {
      id
      name
    }
  }
`)
export const LINK_CODE = graphql(`
  mutation CliLinkCode {
    linkCode {
      code
      link
      expiresAt
    }
  }
`)
export const MERGES = graphql(`
  query CliMerges($all: Boolean) {
    merges(all: $all) {
      id
      state
      mine
      askedAt
      keep {
        id
        name
      }
      gone {
        id
        name
      }
      conflicts {
        code
        arg
      }
    }
  }
`)
export const MERGE_CODE = graphql(`
  mutation CliMergeCode {
    mergeCode {
      code
      expiresAt
    }
  }
`)
export const ASK_MERGE = graphql(`
  mutation CliAskMerge($code: String!) {
    askMerge(code: $code) {
      id
      state
      keep {
        name
      }
    }
  }
`)
export const ANSWER_MERGE = graphql(`
  mutation CliAnswerMerge($id: ID!, $agree: Boolean!) {
    answerMerge(id: $id, agree: $agree) {
      id
      state
      gone {
        name
      }
    }
  }
`)
export const UNDO_MERGE = graphql(`
  mutation CliUndoMerge($id: ID!, $reason: String!) {
    undoMerge(id: $id, reason: $reason) {
      id
      state
      keep {
        name
      }
      gone {
        name
      }
    }
  }
`)
