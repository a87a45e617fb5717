/** Somebody who is suspended, as both chats show it: an approval that waits for them, and the owner who takes them out and lets them in again. */
import { graphql, type Client } from '../../../api/client/index.ts'

/** Of two approvers one is enough, so that the ask stands while the other is away. */
export const gateFor = (approvers: readonly [string, string]): string => `
apiVersion: baton/v1
kind: Flow
metadata: {name: gate, title: Gate}
spec:
  nodes:
    gate: {use: approval, title: Approve, with: {approvers: ${JSON.stringify(approvers)}, need: 1}}
---
apiVersion: baton/v1
kind: App
metadata: {name: gate, title: Gate}
spec: {flow: gate, launch: [everyone]}
`
const launch = graphql(`
  mutation SuspendedLaunch {
    launch(input: { app: "gate" }) {
      id
    }
  }
`)
const people = graphql(`
  query SuspendedPeople($name: String!) {
    people(search: $name, first: 1) {
      nodes {
        id
      }
    }
  }
`)
const suspend = graphql(`
  mutation SuspendedSuspend($id: ID!) {
    suspendPerson(id: $id) {
      active
    }
  }
`)
const restore = graphql(`
  mutation SuspendedRestore($id: ID!) {
    restorePerson(id: $id) {
      active
    }
  }
`)
const phase = graphql(`
  query SuspendedPhase($id: ID!) {
    task(id: $id) {
      phase
    }
  }
`)

export const launchGate = async (owner: Client): Promise<string> => (await owner.query(launch)).launch.id
export const phaseOf = async (owner: Client, id: string) => (await owner.query(phase, { id })).task?.phase
/** What an owner does about somebody. */
export async function personCalled(owner: Client, name: string) {
  const [found] = (await owner.query(people, { name })).people.nodes
  if (!found) throw new Error(`nobody is called ${name}`)
  return {
    suspend: () => owner.query(suspend, { id: found.id }),
    restore: () => owner.query(restore, { id: found.id }),
  }
}
