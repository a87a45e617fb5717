import type { DocumentRow } from '../store/catalogue/index.ts'

/** What is asked, in GraphQL. `refused` is a call that some or all are refused. */
export type Question = readonly [name: string, query: string, variables: (index: number) => object, refused?: true]
export const plain = (name: string, query: string): Question => [name, query, () => ({})]

export const PROJECTS = 10
export const project = (index: number): string => (index % PROJECTS === 0 ? 'default' : `p${index % PROJECTS}`)

/** A document as it lies in the catalogue. */
export const documentRow = (kind: string, where: string, name: string, title: string, spec: object): DocumentRow => {
  const document = { apiVersion: 'baton/v1', kind, metadata: { name, project: where, title }, spec }
  return {
    project: where,
    kind,
    name,
    document,
    source: JSON.stringify(document),
    managers: {},
    generation: 1,
    updatedAt: 0,
    updatedBy: 'bench',
  }
}
