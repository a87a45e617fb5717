import type { Actor as ActorShape } from '../../../engine/index.ts'
import { builder } from '../../graphql/builder.ts'

export const Actor = builder.objectRef<ActorShape>('Actor').implement({
  fields: (t) => ({
    id: t.id({ nullable: true, resolve: (actor) => actor.person }),
    name: t.exposeString('name'),
    surface: t.exposeString('surface'),
  }),
})
