import { sharedKey, type TopicValues } from '../../schemas/catalogue.js'
import type { Sharing } from '../../schemas/events.js'
import {
  type Context,
  keyValueStore,
  type Processor,
  type ProcessorInstance,
  type Serde,
  type TopicRecord
} from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'

// Written when somebody changes their mind: readable is worth more than small.
const sharingSerde: Serde<Sharing> = {
  encode: choice => Buffer.from(JSON.stringify(choice)),
  decode: bytes => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as Sharing
}

const stores = { sharing: keyValueStore('listener-sharing', sharingSerde) }
type Input = TopicRecord<TopicValues, 'sharing'> | Cleansed
type Ctx = Context<TopicValues, 'shared-listeners', typeof stores, never>

/** Who lets others compare themselves with them: the latest choice of each listener holds, whatever the order of arrival. */
export const sharing: Processor<TopicValues, Input, 'shared-listeners', typeof stores, never> = {
  name: 'sharing',
  from: ['sharing', clean],
  to: ['shared-listeners'],
  stores,
  create: context => new SharingInstance(context)
}

class SharingInstance implements ProcessorInstance<Input> {
  constructor(private readonly context: Ctx) {}

  process(input: Input): void {
    if ('topic' in input) this.#choose(input.value)
    else if (input.action === 'erase') this.#erase(input.erasure.user_id)
  }

  #choose(choice: Sharing): void {
    const { user_id, alias } = choice
    if (user_id === '' || alias === '') {
      this.context.reject('MISSING_FIELD', `${user_id === '' ? 'user_id' : 'alias'} is empty.`)
      return
    }
    const before = this.context.stores.sharing.get(user_id)
    if (before !== undefined && before.chosen_at > choice.chosen_at) return
    this.context.stores.sharing.put(user_id, choice)
    if (before?.shares && (!choice.shares || before.alias !== alias)) this.#hide(before)
    if (!choice.shares) return
    const shown = { user_id, alias, name: choice.name }
    for (const key of [sharedKey('user', user_id), sharedKey('alias', alias)]) this.context.send('shared-listeners', key, shown)
  }

  #erase(user: string): void {
    const before = this.context.stores.sharing.get(user)
    if (before === undefined) return
    this.context.stores.sharing.delete(user)
    if (before.shares) this.#hide(before)
  }

  #hide({ user_id, alias }: Sharing): void {
    for (const key of [sharedKey('user', user_id), sharedKey('alias', alias)]) this.context.send('shared-listeners', key, null)
  }
}
