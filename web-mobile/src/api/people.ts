/** Whom one may choose, where there may be thousands. */
import { graphql } from '../../../api/client/index.ts'

export const peopleToChooseQuery = graphql(`
  query PeopleToChoose($search: String) {
    people(first: 50, search: $search) {
      nodes {
        id
        name
        email
        kind
        active
      }
    }
  }
`)
