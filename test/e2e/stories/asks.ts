/** Questions, as both chats put them: an approval of one person's, a form that is taken first, a step that fails. */
import { graphql, type Client } from '../../../api/client/index.ts'

/** `approver` is asked by name; `attention` is told when `break` fails. */
export const askDocuments = (approver: string, attention: readonly string[]): string => `
apiVersion: baton/v1
kind: Flow
metadata: {name: ask-them, title: Ask them}
spec:
  variables:
    what: {type: text, title: What, onCard: true}
  nodes:
    gate: {use: approval, title: Approve, with: {approvers: ["${approver}"]}}
---
apiVersion: baton/v1
kind: App
metadata: {name: ask-them, title: Ask them}
spec: {flow: ask-them, launch: [everyone], taskTitle: "Ask \${what}"}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: fill-in, title: Fill in}
spec:
  nodes:
    form: {use: form, title: Say, with: {by: ["role:ops"], claim: true, fields: {word: {type: text, title: Word, required: true}}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: fill-in, title: Fill in}
spec: {flow: fill-in, launch: [everyone]}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: break, title: Break}
spec:
  variables:
    lacking: {type: text, show: false}
    what: {type: text, show: false}
  nodes:
    go: {use: set@1, title: Go, with: {what: "\${lacking}"}, save: {what: what}}
  notify: {attention: ${JSON.stringify(attention)}}
---
apiVersion: baton/v1
kind: App
metadata: {name: break, title: Break}
spec: {flow: break, launch: [everyone]}
`
const launch = graphql(`
  mutation AsksLaunch($app: String!, $variables: JSON) {
    launch(input: { app: $app, variables: $variables }) {
      id
      number
    }
  }
`)
const taskQuery = graphql(`
  query AsksTask($id: ID!) {
    task(id: $id) {
      phase
      asks {
        claimedBy {
          name
        }
        waitingOn {
          name
        }
        decisions {
          by {
            name
            surface
          }
          verdict
        }
      }
    }
  }
`)

export const begin = async (owner: Client, app: 'ask-them' | 'fill-in' | 'break', variables: object = {}) =>
  (await owner.query(launch, { app, variables })).launch
export const taskWithAsks = async (owner: Client, id: string) => (await owner.query(taskQuery, { id })).task
