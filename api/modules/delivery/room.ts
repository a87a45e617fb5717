import { catalogue } from '../../../engine/index.ts'
import { placeOf, roomOf } from '../../delivery/place.ts'
import { builder } from '../../graphql/builder.ts'
import { Task } from '../task/task-ref.ts'

builder.objectField(Task, 'mayStandIn', (t) =>
  t.boolean({
    description:
      'Whether its state may be told in this room (`slack:C0OPS`): its app names the room, or its card stands there. Elsewhere a link to it shows its title.',
    args: { place: t.arg.string({ required: true }) },
    resolve: ({ state }, { place }, { library, db }) => {
      const room = placeOf(place)
      if (!room) return false
      const app = state.app === null ? undefined : library.app(state.project, state.app.name)
      const rooms = (app?.spec.rooms ?? []).flatMap((name) => roomOf(name) ?? [])
      if (rooms.includes(place)) return true
      return db.read((tx) => {
        const own = catalogue.cardsOf(tx, state.id).filter((card) => card.kind === 'task' && card.shared)
        if (own.some((card) => card.place === place)) return true
        // A room may be known by its name alone; what was posted there says which it is.
        return catalogue.postedIn(tx, [...rooms, ...own.map((card) => card.place)], room.target)
      })
    },
  }),
)
