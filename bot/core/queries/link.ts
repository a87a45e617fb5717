import { graphql } from '../../../api/client/index.ts'

/** What somebody who may see a task has put a link to. */
export const linkedTaskQuery = graphql(`
  query BotLinkedTask($ref: ID!, $place: String!) {
    viewer {
      server {
        url
      }
    }
    task(id: $ref) {
      id
      number
      title
      mayStandIn(place: $place)
    }
  }
`)
