import { graphql } from '../graphql.ts'

/** Everything a field of a form is drawn from. */
export const formField = graphql(`
  fragment FormFieldShown on FormField {
    key
    type
    title
    help
    group
    required
    readOnly
    secret
    visible
    reachable
    fixed
    value
    options {
      value
      title
    }
    shortcuts {
      value
      title
    }
    optionsFrom
    dependsOn
    pattern
    min
    max
    minLength
    maxLength
    step
    rows
  }
`)
